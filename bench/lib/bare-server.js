import websocket from '@fastify/websocket';
import fastify from 'fastify';

/** JavaScript, because removing types is no part of what it is measured for. */
const ANSWER = { userAgent: 'bare' };
const app = fastify();
await app.register(websocket);
app.get('/', () => ANSWER);
app.get('/rpc', { websocket: true }, (socket) => {
  socket.on('message', (data) => {
    const { id } = JSON.parse(data.toString());
    socket.send(JSON.stringify({ id, result: ANSWER }));
  });
});
console.log(`listening on ${await app.listen({ port: 0, host: '127.0.0.1' })}`);
