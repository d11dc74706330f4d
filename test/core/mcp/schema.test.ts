import { describe, expect, test } from 'vitest';
import { reduceSchema, UnsupportedSchemaError } from '../../../src/core/mcp/schema.ts';

const object = (properties: unknown, more: object = {}) => ({ type: 'object', properties, ...more });
const string = { type: 'string' };
const number = { type: 'number' };

describe('a schema that can be reduced', () => {
  test.each([
    [
      'an integer is a number',
      { type: 'integer', description: 'n', enum: [1, 2] },
      { type: 'number', description: 'n' },
    ],
    [
      'enum, default, pattern and format are dropped',
      { type: 'string', enum: ['x'], default: 'x', format: 'uri' },
      string,
    ],
    ['the first supported type of a list counts', { type: ['null', 'date', 'integer', 'string'] }, number],
    ['a list without a supported type leaves the type open', { type: ['null'] }, string],
    [
      'an empty description is kept, null is none',
      object({ a: { type: 'boolean', description: null } }),
      object({ a: { type: 'boolean' } }),
    ],
    [
      'an array without items has strings',
      { type: 'array', description: 'd' },
      { type: 'array', items: string, description: 'd' },
    ],
    [
      'items are reduced',
      { type: 'array', items: { type: 'object' }, minItems: 1 },
      { type: 'array', items: object({}) },
    ],
    [
      'true and false are strings',
      object({ a: true, b: false, c: {} }),
      object({ a: string, b: string, c: string }),
    ],
    [
      'an object keeps required and a yes or no on other properties',
      object(
        { q: { type: ['string', 'null'] } },
        { required: ['q'], additionalProperties: true, description: 'gone' },
      ),
      object({ q: string }, { required: ['q'], additionalProperties: true }),
    ],
    [
      'null for required or other properties is none',
      object({}, { required: null, additionalProperties: null }),
      object({}),
    ],
    [
      'a reference is a string',
      { $ref: '#/$defs/x', description: 'd' },
      { type: 'string', description: 'd' },
    ],
    ['alternatives are a string', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, string],
    ['a constant is a string', { const: 1 }, string],
    ['properties hint at an object', { properties: { x: { type: 'integer' } } }, object({ x: number })],
    ['required hints at an object', { required: ['x'] }, object({}, { required: ['x'] })],
    ['items hint at an array', { items: { type: 'integer' } }, { type: 'array', items: number }],
    ['prefixItems hint at an array', { prefixItems: [{ type: 'null' }] }, { type: 'array', items: string }],
    [
      'a bound hints at a number',
      object({ a: { minimum: 1 }, b: { multipleOf: 2 }, c: { exclusiveMaximum: 3 } }),
      object({ a: number, b: number, c: number }),
    ],
    ['an enum outweighs a bound', { enum: [1], minimum: 1 }, string],
    [
      'what does not belong to the type is not looked at',
      { type: 'string', properties: { a: null }, items: 5 },
      string,
    ],
  ])('%s', (_, schema, reduced) => {
    expect(reduceSchema(schema)).toEqual(reduced);
  });

  test('properties are sorted by name', () => {
    const reduced = reduceSchema(object({ zz: string, aa: object({ y: string, x: string }) }));
    expect(JSON.stringify(reduced)).toBe(
      '{"type":"object","properties":{"aa":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}}},"zz":{"type":"string"}}}',
    );
  });
});

describe('a schema that cannot be reduced', () => {
  test.each([
    [{ type: 'null' }, 'the schema has the unsupported type "null"'],
    [object({ a: { type: 'date' } }), '`a` has the unsupported type "date"'],
    [object({ a: 'string' }), '`a` is not a schema'],
    [{ type: 'array', items: [string, string] }, '`items` is not a schema'],
    [object({ a: object([]) }), '`a.properties` is not an object'],
    [
      object({ a: object({}, { additionalProperties: string }) }),
      '`a.additionalProperties` is neither true nor false',
    ],
    [object({}, { required: [1] }), '`required` is not a list of names'],
    [object({ a: { type: 'string', description: 5 } }), '`a.description` is not a text'],
  ])('%j is refused with the place', (schema, message) => {
    expect(() => reduceSchema(schema)).toThrow(UnsupportedSchemaError);
    expect(() => reduceSchema(schema)).toThrow(message);
  });
});
