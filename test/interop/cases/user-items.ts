import { textAnswer } from '../../../src/demo/responses.ts';
import type { UserItem } from '../harness/conversation.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { PIXEL_PNG } from '../harness/pixel.ts';

const text = (value: string): UserItem => ({ type: 'text', data: { text: value } });
const image = (url: string): UserItem => ({ type: 'image', data: { image_url: url } });
const localImage = (path: string): UserItem => ({ type: 'localImage', data: { path } });

const answers = [textAnswer('seen'), textAnswer('seen')];

export const userItems: readonly InteropCase[] = [
  {
    name: 'texts and images of a message go together',
    answers: () => textAnswer('seen'),
    async play(stage) {
      const png = await stage.writeFile('pixel.png', PIXEL_PNG);
      const jpeg = await stage.writeFile('pixel.jpeg', PIXEL_PNG);
      const conversation = await stage.newConversation();
      await conversation.say([text('what'), image('https://example.test/a.png'), text('is this?')]);
      await conversation.say([text('and this?'), localImage(png)]);
      await conversation.say([image('data:image/png;base64,AAAA')]);
      await conversation.say([localImage(jpeg)]);
      await conversation.say('');
      await conversation.say(`naïve 日本語 🦀 "quoted" \\ \n${'x'.repeat(20_000)}`);
    },
  },
  {
    name: 'a local image is missing',
    answers,
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say([text('what is this?'), localImage(`${stage.cwd}/nowhere.png`)]);
    },
  },
  {
    name: 'a message without items leaves the conversation usable',
    answers,
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send([]);
      await stage.settled();
      await conversation.send('a real one');
      const end = await conversation.turnEnd(1000).then(
        ({ method }) => method,
        () => 'none',
      );
      stage.note('end of the next turn', end);
    },
  },
];
