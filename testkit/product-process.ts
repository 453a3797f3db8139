// The product in a process of its own, for tests that kill it. Arguments are the slide, the folder and the options.
import { runProduct, type ProductOptions } from './product.js';

const [slide, out, options] = process.argv.slice(2) as [string, string, string];
process.on('disconnect', () => process.exit(1)); // never outlives the test
await runProduct(slide, out, {
  ...(JSON.parse(options) as ProductOptions),
  begun: () => process.send!('begun'),
});
process.exit(0);
