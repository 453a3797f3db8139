/** Returns the header of a file of a DICOM slide, without pixels. It is enough to say which files belong together. */
export function dicomHeader(series: string, imageType: string, width: number, height: number): Buffer {
  const meta = [
    element(0x0002, 0x0002, 'UI', wholeSlide),
    element(0x0002, 0x0010, 'UI', '1.2.840.10008.1.2.1'),
  ];
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.reduce((sum, { length }) => sum + length, 0));
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(0x0002, 0x0000, 'UL', length),
    ...meta,
    element(0x0008, 0x0008, 'CS', imageType),
    element(0x0020, 0x000e, 'UI', series),
    element(0x0048, 0x0006, 'UL', long(width)),
    element(0x0048, 0x0007, 'UL', long(height)),
  ]);
}

const wholeSlide = '1.2.840.10008.5.1.4.1.1.77.1.6';

function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Returns a data element, explicit and little endian. Values are padded to even lengths. */
function element(group: number, number: number, type: string, value: string | Buffer): Buffer {
  const text = typeof value === 'string' ? Buffer.from(value) : value;
  const padded = Buffer.concat([text, Buffer.alloc(text.length % 2, type === 'UI' ? 0 : 32)]);
  const head = Buffer.alloc(8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(type, 4);
  head.writeUInt16LE(padded.length, 6);
  return Buffer.concat([head, padded]);
}
