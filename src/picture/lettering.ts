/**
 * Glyphs of 5 x 8 pixels; the last row is for descenders. They are built in because legends must not depend on the
 * fonts of a machine.
 */
const sheet: readonly { readonly letters: string; readonly rows: readonly string[] }[] = [
  {
    letters: 'abcdefghijkl',
    rows: [
      '..... #.... ..... ....# ..... ..##. ..... #.... ..#.. ...#. #.... .##..',
      '..... #.... ..... ....# ..... .#... ..... #.... ..... ..... #.... ..#..',
      '.###. ####. .###. .#### .###. ####. .#### ####. .##.. ..##. #..#. ..#..',
      '....# #...# #.... #...# #...# .#... #...# #...# ..#.. ...#. #.#.. ..#..',
      '.#### #...# #.... #...# ##### .#... #...# #...# ..#.. ...#. ##... ..#..',
      '#...# #...# #.... #...# #.... .#... .#### #...# ..#.. ...#. #.#.. ..#..',
      '.#### ####. .###. .#### .###. .#... ....# #...# .###. ...#. #..#. .###.',
      '..... ..... ..... ..... ..... ..... .###. ..... ..... .##.. ..... .....',
    ],
  },
  {
    letters: 'mnopqrstuvwx',
    rows: [
      '..... ..... ..... ..... ..... ..... ..... .#... ..... ..... ..... .....',
      '..... ..... ..... ..... ..... ..... ..... .#... ..... ..... ..... .....',
      '##.#. ####. .###. ####. .#### #.##. .#### ####. #...# #...# #...# #...#',
      '#.#.# #...# #...# #...# #...# ##... #.... .#... #...# #...# #...# .#.#.',
      '#.#.# #...# #...# #...# #...# #.... .###. .#... #...# #...# #.#.# ..#..',
      '#.#.# #...# #...# ####. .#### #.... ....# .#... #...# .#.#. #.#.# .#.#.',
      '#.#.# #...# .###. #.... ....# #.... ####. ..##. .#### ..#.. .#.#. #...#',
      '..... ..... ..... #.... ....# ..... ..... ..... ..... ..... ..... .....',
    ],
  },
  {
    letters: 'yz0123456789',
    rows: [
      '..... ..... .###. ..#.. .###. .###. ...#. ##### .###. ##### .###. .###.',
      '..... ..... #...# .##.. #...# #...# ..##. #.... #.... ....# #...# #...#',
      '#...# ##### #..## ..#.. ....# ....# .#.#. ####. #.... ...#. #...# #...#',
      '#...# ...#. #.#.# ..#.. ..##. ..##. #..#. ....# ####. ...#. .###. .####',
      '#...# ..#.. ##..# ..#.. .#... ....# ##### ....# #...# ..#.. #...# ....#',
      '.#### .#... #...# ..#.. #.... #...# ...#. #...# #...# ..#.. #...# ....#',
      '....# ##### .###. .###. ##### .###. ...#. .###. .###. ..#.. .###. .###.',
      '.###. ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....',
    ],
  },
  {
    letters: ' .,-_()/%?',
    rows: [
      '..... ..... ..... ..... ..... ..#.. ..#.. ....# ##..# .###.',
      '..... ..... ..... ..... ..... .#... ...#. ....# ##..# #...#',
      '..... ..... ..... ..... ..... .#... ...#. ...#. ...#. ....#',
      '..... ..... ..... ##### ..... .#... ...#. ..#.. ..#.. ..##.',
      '..... ..... ..... ..... ..... .#... ...#. .#... .#... ..#..',
      '..... .##.. ..##. ..... ..... .#... ...#. #.... #..## .....',
      '..... .##.. ...#. ..... ##### ..#.. ..#.. #.... #..## ..#..',
      '..... ..... ..#.. ..... ..... ..... ..... ..... ..... .....',
    ],
  },
];

const glyphWidth = 5;
const glyphHeight = 8;
/** Width from one letter to the next, with the gap. */
const advance = glyphWidth + 1;
/**
 * Returns the height of a line of text in pixels. Each glyph pixel is drawn as a square with sides of `size` pixels.
 */
export function textHeight(size: number): number {
  return glyphHeight * size;
}

/** Returns the width of a text in pixels. */
export function textWidth(text: string, size: number): number {
  return text.length * advance * size;
}

/**
 * Calls `ink` for every pixel of a text with its upper left corner at (x, y). All letters are lower case. Letters that
 * the sheet lacks are drawn as question marks.
 */
export function drawText(
  text: string,
  size: number,
  x: number,
  y: number,
  ink: (x: number, y: number) => void,
): void {
  Array.from(text.toLowerCase()).forEach((letter, place) => {
    const left = x + place * advance * size;
    for (let dy = 0; dy < glyphHeight * size; dy++) {
      const row = glyphRow(letter, Math.floor(dy / size));
      for (let dx = 0; dx < glyphWidth * size; dx++) {
        if (row[Math.floor(dx / size)] === '#') ink(left + dx, y + dy);
      }
    }
  });
}

function glyphRow(letter: string, row: number): string {
  const group = sheet.find(({ letters }) => letters.includes(letter));
  if (!group) return glyphRow('?', row);
  const start = group.letters.indexOf(letter) * advance;
  return group.rows[row]!.slice(start, start + glyphWidth);
}
