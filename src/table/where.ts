import leven from 'leven';
import { HoverslideError } from '../errors.js';
import { columns, type ColumnName } from './columns.js';
import type { Rows } from './rows.js';

/** A condition on the rows of a table. */
export interface Condition {
  /** Columns that it looks at. */
  readonly names: readonly ColumnName[];
  readonly holds: (rows: Rows, row: number) => boolean;
}

type Test = Condition['holds'];
type Literal = string | number;

interface Token {
  readonly kind: 'number' | 'text' | 'word' | 'sign' | 'end';
  readonly text: string;
  /** Place of its first character, from 1 on. */
  readonly place: number;
}

const comparisons: Readonly<Record<string, (a: Literal, b: Literal) => boolean>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** Texts are equal or not; they have no order that would mean something here. */
const forTexts = new Set(['=', '==', '!=', '<>']);

/**
 * Parses a condition in the manner of SQL: `area_um2 > 20 and (class = 'neoplastic' or not quality in ('faint', 'odd'))`.
 *
 *     either     := both ("or" both)*
 *     both       := one ("and" one)*
 *     one        := "not" one | "(" either ")" | column comparison
 *     comparison := ("=" | "!=" | "<" | "<=" | ">" | ">=") literal | "not"? "in" "(" literal ("," literal)* ")"
 *
 * Numbers are compared as the table stores them. Words may be written in capitals.
 * @param known texts that a column can have, where that is known: others are taken for a mistake
 * @throws HoverslideError `usage` naming the place, what was expected there, and what was found
 */
export function parseCondition(
  text: string,
  known: Readonly<Partial<Record<ColumnName, readonly string[]>>> = {},
): Condition {
  const parser = new Parser(text, known);
  const holds = parser.either();
  parser.end();
  return { names: [...parser.names], holds };
}

class Parser {
  readonly names = new Set<ColumnName>();
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(
    text: string,
    private readonly known: Readonly<Partial<Record<ColumnName, readonly string[]>>>,
  ) {
    this.#tokens = tokensOf(text);
  }

  either(): Test {
    const tests = [this.#both()];
    while (this.#take('or')) tests.push(this.#both());
    return tests.length === 1 ? tests[0]! : (rows, row) => tests.some((test) => test(rows, row));
  }

  end(): void {
    if (this.#token.kind !== 'end') throw expected("'and', 'or' or the end", this.#token);
  }

  #both(): Test {
    const tests = [this.#one()];
    while (this.#take('and')) tests.push(this.#one());
    return tests.length === 1 ? tests[0]! : (rows, row) => tests.every((test) => test(rows, row));
  }

  #one(): Test {
    if (this.#take('not')) {
      const test = this.#one();
      return (rows, row) => !test(rows, row);
    }
    if (this.#take('(')) {
      const test = this.either();
      this.#require(')');
      return test;
    }
    return this.#comparison(this.#column());
  }

  #column(): ColumnName {
    const token = this.#token;
    const column = columns.find(({ name }) => name === token.text.toLowerCase());
    if (token.kind !== 'word' || !column || column.type === 'polygon') throw unknownColumn(token);
    this.#next++;
    this.names.add(column.name);
    return column.name;
  }

  #comparison(name: ColumnName): Test {
    const isText = columns.find((column) => column.name === name)!.type === 'string';
    const value = (rows: Rows, row: number) => rows[name][row] as Literal;
    const negated = this.#take('not');
    if (negated || this.#isNext('in')) {
      this.#require('in');
      this.#require('(');
      const values = new Set([this.#literal(name, isText)]);
      while (this.#take(',')) values.add(this.#literal(name, isText));
      this.#require(')');
      return (rows, row) => values.has(value(rows, row)) !== negated;
    }
    const sign = this.#token;
    const compare = comparisons[sign.text];
    if (sign.kind !== 'sign' || !compare) throw expected("a comparison (=, !=, <, <=, >, >=) or 'in'", sign);
    if (isText && !forTexts.has(sign.text)) throw expected(`=, != or 'in' after ${name}, a text`, sign);
    this.#next++;
    const other = this.#literal(name, isText);
    return (rows, row) => compare(value(rows, row), other);
  }

  #literal(name: ColumnName, isText: boolean): Literal {
    const token = this.#token;
    if (token.kind !== (isText ? 'text' : 'number')) {
      throw expected(isText ? `a text in quotes, as ${name} is one` : `a number, as ${name} is one`, token);
    }
    const known = this.known[name];
    if (known && !known.includes(token.text)) {
      throw expected(`a ${name} of this table: ${known.map((each) => `'${each}'`).join(', ')}`, token);
    }
    this.#next++;
    return isText ? token.text : Number(token.text);
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #isNext(text: string): boolean {
    return this.#token.kind !== 'text' && this.#token.text.toLowerCase() === text;
  }

  #take(text: string): boolean {
    const found = this.#isNext(text);
    if (found) this.#next++;
    return found;
  }

  #require(text: string): void {
    if (!this.#take(text)) throw expected(`'${text}'`, this.#token);
  }
}

const patterns = [
  ['number', /[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?(?![\w.])/iy],
  ['text', /'(?:[^']|'')*'|"(?:[^"]|"")*"/y],
  ['word', /[a-z_]\w*/iy],
  ['sign', /[<>!=]=|<>|[=<>(),]/y],
] as const;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(text.slice(at))![0].length;
    if (at === text.length) return [...tokens, { kind: 'end', text: '', place: at + 1 }];
    let token: Token | undefined;
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const found = pattern.exec(text)?.[0];
      if (found === undefined) continue;
      const quote = found[0]!;
      const content = kind === 'text' ? found.slice(1, -1).replaceAll(quote + quote, quote) : found;
      token = { kind, text: content, place: at + 1 };
      at += found.length;
      break;
    }
    if (!token)
      throw expected('a column, a number, a text in quotes or a sign', { text: text[at]!, place: at + 1 });
    tokens.push(token);
  }
}

function expected(what: string, found: Pick<Token, 'text' | 'place'> & { readonly kind?: Token['kind'] }) {
  const shown = found.kind === 'end' ? 'the end' : `'${found.text}'`;
  return new HoverslideError(
    'usage',
    `option where: expected ${what} at character ${found.place}, found ${shown}`,
    { option: 'where' },
  );
}

function unknownColumn(token: Token): HoverslideError {
  const names = columns.flatMap(({ name, type }) => (type === 'polygon' ? [] : [name]));
  const distance = (name: string) => leven(token.text.toLowerCase(), name);
  const nearest = names.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  const near = token.kind === 'word' && distance(nearest) <= 3;
  return expected(near ? `a column (${nearest}?)` : `a column (${names.join(', ')})`, token);
}
