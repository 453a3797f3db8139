/** Names of DICOM's transfer syntaxes that OpenSlide does not read. */
const syntaxes: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2': 'implicit little endian',
  '1.2.840.10008.1.2.2': 'explicit big endian',
  '1.2.840.10008.1.2.1.99': 'deflated',
  '1.2.840.10008.1.2.4.51': 'JPEG of 12 bits',
  '1.2.840.10008.1.2.4.57': 'JPEG lossless',
  '1.2.840.10008.1.2.4.70': 'JPEG lossless',
  '1.2.840.10008.1.2.4.80': 'JPEG-LS lossless',
  '1.2.840.10008.1.2.4.81': 'JPEG-LS',
  '1.2.840.10008.1.2.4.92': 'JPEG 2000 of several components',
  '1.2.840.10008.1.2.4.93': 'JPEG 2000 of several components',
  '1.2.840.10008.1.2.4.110': 'JPEG XL lossless',
  '1.2.840.10008.1.2.4.111': 'JPEG XL of JPEG',
  '1.2.840.10008.1.2.4.112': 'JPEG XL',
  '1.2.840.10008.1.2.4.201': 'High-Throughput JPEG 2000 lossless',
  '1.2.840.10008.1.2.4.202': 'High-Throughput JPEG 2000 lossless',
  '1.2.840.10008.1.2.4.203': 'High-Throughput JPEG 2000',
  '1.2.840.10008.1.2.5': 'RLE lossless',
};

/**
 * Returns an error line that explains OpenSlide's refusal of a slide. A form that OpenSlide does not read is no damage.
 */
export function openSlideErrorLine(text: string): string {
  const [, syntax] = /Unsupported transfer syntax ([\d.]+)/.exec(text) ?? [];
  if (syntax !== undefined) {
    const name = syntaxes[syntax] ?? 'a transfer syntax unknown here';
    return (
      `expected DICOM with uncompressed, JPEG or JPEG 2000 pixels, found ${name} (transfer syntax ${syntax}), ` +
      'which OpenSlide does not read; convert it, for instance: gdcmconv --j2k IN OUT'
    );
  }
  if (/unsupported|not supported|Attribute \w+ value/i.test(text)) {
    return `expected a slide of a form that OpenSlide reads, found another: OpenSlide says: ${text}`;
  }
  return `damaged slide: OpenSlide says: ${text}`;
}
