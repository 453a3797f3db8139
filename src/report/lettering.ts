/** Glyphs of 5 x 8 pixels, the last row for descenders: legends must not depend on the fonts a machine has. */
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
/** From one letter to the next, with the gap. */
const advance = glyphWidth + 1;
/** Every pixel of a glyph is drawn as a square of this side. */
const magnification = 2;

/** Height of a line of text in pixels. */
export const textHeight = glyphHeight * magnification;

/** Width of a text in pixels. */
export function textWidth(text: string): number {
  return text.length * advance * magnification;
}

/**
 * Calls `ink` for every pixel of a text with its upper left corner at (x, y). There is one case only, and letters
 * that the sheet lacks show as question marks.
 */
export function drawText(text: string, x: number, y: number, ink: (x: number, y: number) => void): void {
  Array.from(text.toLowerCase()).forEach((letter, place) => {
    const left = x + place * advance * magnification;
    for (let dy = 0; dy < textHeight; dy++) {
      const row = glyphRow(letter, Math.floor(dy / magnification));
      for (let dx = 0; dx < glyphWidth * magnification; dx++) {
        if (row[Math.floor(dx / magnification)] === '#') ink(left + dx, y + dy);
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
