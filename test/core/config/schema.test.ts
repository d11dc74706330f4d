import { describe, expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../../src/core/config/load.ts';
import { parseSettings } from '../../../src/core/config/schema.ts';

const settingsOf = (toml: string) => parseSettings(parseConfig(toml, 'config.toml'));

function failure(toml: string): ConfigError {
  try {
    settingsOf(toml);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error(`accepted: ${toml}`);
}

describe('parseSettings', () => {
  test('ignores keys it does not know, on every level', () => {
    const settings = settingsOf(
      'unknown = 1\n[profiles.p]\nsandbox_mode = "nonsense"\nmodel = "o3"\n[tools]\nx = 1\n',
    );
    expect(settings).toMatchObject({ profiles: { p: { model: 'o3' } } });
    expect(settings.profiles?.p).not.toHaveProperty('sandbox_mode');
  });

  test('reads web_search_request as web_search', () => {
    expect(settingsOf('[tools]\nweb_search_request = true\n').tools?.web_search).toBe(true);
    expect(settingsOf('[tools]\nweb_search = true\n').tools?.web_search).toBe(true);
    expect(settingsOf('[tools]\n').tools?.web_search).toBeUndefined();
  });

  test('accepts a date where text is wanted, as observed', () => {
    expect(settingsOf('model = 2024-01-01\n').model).toBe('2024-01-01');
  });

  // The messages of this table are those observed of the reference.
  test.each([
    ['model = 5', 'invalid type: integer `5`, expected a string\nin `model`\n'],
    ['model = 1.5', 'invalid type: floating point `1.5`, expected a string\nin `model`\n'],
    ['model = true', 'invalid type: boolean `true`, expected a string\nin `model`\n'],
    ['model = [1]', 'invalid type: sequence, expected a string\nin `model`\n'],
    ['model = { a = 1 }', 'invalid type: map, expected a string\nin `model`\n'],
    ['notify = [1]', 'invalid type: integer `1`, expected a string\nin `notify`\n'],
    ['profiles = 3', 'invalid type: integer `3`, expected a map\nin `profiles`\n'],
    [
      'mcp_servers.a = { command = "x", env = 1 }',
      'invalid type: integer `1`, expected a map\nin `mcp_servers.a.env`\n',
    ],
    ['[tools]\nweb_search = "a"', 'invalid type: string "a", expected a boolean\nin `tools.web_search`\n'],
    [
      '[tools]\nweb_search_request = "a"',
      'invalid type: string "a", expected a boolean\nin `tools.web_search_request`\n',
    ],
    ['[tools]\nweb_search = true\nweb_search_request = true', 'duplicate field `web_search`\nin `tools`\n'],
    ['[model_providers.x]\nbase_url = "n"', 'missing field `name`\nin `model_providers.x`\n'],
    ['[mcp_servers.a]\nargs = []', 'missing field `command`\nin `mcp_servers.a`\n'],
    ['[history]\nmax_bytes = 3', 'missing field `persistence`\nin `history`\n'],
    [
      'approval_policy = "sometimes"',
      'unknown variant `sometimes`, expected one of `untrusted`, `on-failure`, `on-request`, `never`\nin `approval_policy`\n',
    ],
    [
      '[profiles.a]\nmodel_verbosity = "x"',
      'unknown variant `x`, expected one of `low`, `medium`, `high`\nin `profiles.a.model_verbosity`\n',
    ],
    [
      '[shell_environment_policy]\ninherit = "foo"',
      'unknown variant `foo`, expected one of `core`, `all`, `none`\nin `shell_environment_policy.inherit`\n',
    ],
    [
      '[model_providers.x]\nname = "a"\nwire_api = "foo"',
      'unknown variant `foo`, expected `responses` or `chat`\nin `model_providers.x.wire_api`\n',
    ],
    [
      'model = 5\napproval_policy = "x"',
      'unknown variant `x`, expected one of `untrusted`, `on-failure`, `on-request`, `never`\nin `approval_policy`\n',
    ],
  ])('says of %j what the reference says', (toml, message) => {
    const error = failure(toml);
    expect(error.message).toBe(message);
    expect(error.kind).toBe('type');
    expect(error.fileMessage).toBe(`failed to parse config.toml: ${message}`);
  });

  test.each([
    [
      'model_context_window = -1',
      'invalid value: integer `-1`, expected a non-negative integer\nin `model_context_window`\n',
    ],
    [
      'model_context_window = "x"',
      'invalid type: string "x", expected an integer\nin `model_context_window`\n',
    ],
    [
      'project_doc_max_bytes = 1.5',
      'invalid type: floating point `1.5`, expected an integer\nin `project_doc_max_bytes`\n',
    ],
    [
      'project_doc_max_bytes = inf',
      'invalid type: floating point `Infinity`, expected an integer\nin `project_doc_max_bytes`\n',
    ],
    ['history = 3', 'invalid type: integer `3`, expected a map\nin `history`\n'],
    [
      'model_context_window = 10000000000000000',
      'invalid value: integer `10000000000000000`, expected at most 9007199254740991\nin `model_context_window`\n',
    ],
  ])('says of %j, in plain words, what is expected', (toml, message) => {
    expect(failure(toml).message).toBe(message);
  });

  test('names the missing field in the key of the error', () => {
    expect(failure('[mcp_servers.a]\nargs = []').key).toBe('mcp_servers.a.command');
  });

  test.each([
    ['[model_providers.x]\nname = "n"\nhttp_headers = "Bearer s3cret"', 'model_providers.x.http_headers'],
    ['[mcp_servers.a]\ncommand = "x"\nargs = "--token=s3cret"', 'mcp_servers.a.args'],
    ['[mcp_servers.a]\ncommand = "x"\nenv = "KEY=s3cret"', 'mcp_servers.a.env'],
  ])('does not quote text that may be a secret: %j', (toml, key) => {
    const error = failure(toml);
    expect(error.key).toBe(key);
    expect(error.message).toContain('invalid type: string, expected');
    expect(error.message).not.toContain('s3cret');
  });
});
