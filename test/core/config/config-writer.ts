import { editConfigFile } from '../../../src/core/config/config-file.ts';
import { setKey } from '../../../src/core/config/toml-edit.ts';
import { realFileSystem } from '../../../src/core/files/file-system.ts';

// Another daemon: sets keys of its own in the file of the home that it is given, each in an edit of its own.
const [home = '', name = '', count = '0'] = process.argv.slice(2);
for (let index = 0; index < Number(count); index += 1) {
  const key = `${name}_${index}`;
  await editConfigFile(home, (text) => setKey(text, [], key, `value ${index}`), realFileSystem);
}
