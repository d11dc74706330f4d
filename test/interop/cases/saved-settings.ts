import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import type { Stage } from '../harness/stage.ts';

const configOf = (stage: Stage): string => join(stage.home, 'config.toml');

const CHOICES = [
  { model: 'o3', reasoningEffort: 'high' },
  { reasoningEffort: 'minimal' },
  { model: null, reasoningEffort: null },
];

/** What becomes of a file when the default model is set to one thing after another. */
async function playChoices(stage: Stage, name: string, text: string): Promise<void> {
  await stage.writeFile(configOf(stage), text);
  for (const [index, choice] of CHOICES.entries()) {
    await stage.request('setDefaultModel', choice);
    stage.note(`${name}, after choice ${index + 1}`, await readFile(configOf(stage), 'utf8'));
  }
}

function choicesCase(name: string, texts: Readonly<Record<string, string>>): InteropCase {
  return {
    name,
    compare: ['replies', 'notes', 'files'],
    async play(stage) {
      for (const [what, text] of Object.entries(texts)) await playChoices(stage, what, text);
    },
  };
}

export const savedSettings: readonly InteropCase[] = [
  {
    name: 'saved settings are told as they stand in the file',
    config: {
      model_reasoning_effort: 'medium',
      model_reasoning_summary: 'concise',
      model_verbosity: 'low',
      profile: 'fast',
      unknown_key: 'kept',
      sandbox_workspace_write: { network_access: true },
      tools: { web_search_request: true },
      profiles: { fast: { model: 'o3', chatgpt_base_url: 'https://example.test/x' }, empty: {} },
    },
    async play(stage) {
      await stage.request('getUserSavedConfig');
      await stage.request('getUserSavedConfig', {});
      for (const text of [
        '',
        'profile = "nobody"\n',
        '[sandbox_workspace_write]\n[tools]\n',
        '\ufeffmodel = "m"\r\n',
      ]) {
        await stage.writeFile(configOf(stage), text);
        await stage.request('getUserSavedConfig', null);
      }
    },
  },
  choicesCase('the default model is written into any file', {
    nothing: '',
    'a key': 'other = 1\n',
    'no line end': 'other = 1',
    'both keys': 'model = "a"\nother = 1\nmodel_reasoning_effort = "low"\n',
    'own spacing': 'model="a"\n  model_reasoning_effort\t=\t"low"\nother = 1\n',
    'odd keys': '"model" = """a"""\nother = 1\n',
    tables: 'other = 1\n\n# about t\n[t]\nmodel = "not this"\n[[r]]\nx = 1\n',
    'tables alone': '# about t\n[t]\nx = 1\n',
    'values of many lines': 'other = [\n  1, # one\n]\ntext = """\n[t]\n"""\n[t]\n',
  }),
  choicesCase('the default model goes into the profile that the file names', {
    'a profile': 'profile = "p"\nmodel = "top"\n[profiles.p]\nmodel = "a"\nmodel_provider = "x"\n[z]\n',
    'an empty one': 'profile = "p"\n[profiles.p] # p\n# more\n[z]\n',
    none: 'profile = "p"\n[profiles.q]\nmodel = "a"\n\n[z]\nx = 1\n',
    'a name with spaces': 'profile = "p q"\n[z]\n',
    'keys with dots': 'profile = "p"\nprofiles.p.model_provider = "x"\nother = 1\n',
    'a table inside': 'profile = "p"\n[profiles.p.inner]\nx = 1\n',
  }),
  {
    name: 'a file that cannot be parsed is not written',
    async play(stage) {
      await stage.writeFile(configOf(stage), 'model = [\n');
      const requests = [['getUserSavedConfig'], ['setDefaultModel', { model: 'm' }]] as const;
      for (const [method, params] of requests) {
        const { error } = Object(await stage.target.request(method, params));
        stage.note(method, [at(error, 'code'), String(at(error, 'message')).split(':')[0]]);
      }
      stage.note('file', await readFile(configOf(stage), 'utf8'));
    },
  },
  {
    name: 'comments on the lines of the default model stay',
    compare: ['replies', 'notes'],
    async play(stage) {
      await stage.writeFile(configOf(stage), '# above\nmodel = "a" # behind\nother = 1\n');
      await stage.request('setDefaultModel', { model: 'b' });
      stage.note('changed', await readFile(configOf(stage), 'utf8'));
      await stage.request('setDefaultModel', {});
      stage.note('removed', await readFile(configOf(stage), 'utf8'));
    },
  },
];
