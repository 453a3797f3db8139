// What Vitest prints by itself, and: how far it is, which files take longest, what was skipped for want of what, and a last
// line for scripts/test.js.
import { DefaultReporter } from 'vitest/node';

export default class extends DefaultReporter {
  #files = 0;
  #ended = 0;

  onTestRunStart(files) {
    this.#files = files.length;
    this.#ended = 0;
    super.onTestRunStart(files);
  }

  getModuleLog(file, counts) {
    return ` ${++this.#ended} of ${this.#files}${super.getModuleLog(file, counts)}`;
  }

  onTestRunEnd(files, errors, reason) {
    super.onTestRunEnd(files, errors, reason);
    const tests = files.flatMap((file) => [...file.children.allTests()]);
    const slowest = files.map((file) => [seconds(file), file]).sort(([a], [b]) => b - a);
    if (files.length > 1) {
      this.log(
        `slowest: ${slowest
          .slice(0, 10)
          .map(([s, file]) => `${file.relativeModuleId} ${s} s`)
          .join(', ')}`,
      );
    }
    const inState = (state) => tests.filter((test) => test.result().state === state);
    for (const test of inState('skipped')) this.log(`skipped: ${test.fullName}: needs ${missingFor(test)}`);
    const suites = files.flatMap((file) => [file, ...file.children.allSuites()]);
    const faults = errors.length + suites.filter((suite) => suite.errors().length > 0).length;
    const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((state) => inState(state).length);
    this.log(`Vitest: ${passed} passed, ${failed + faults} failed, ${skipped} skipped`);
  }
}

/** Seconds of a file's tests and hooks. */
const seconds = (file) => Math.round(file.diagnostic().duration / 1000);

/** What the test, or a suite that holds it, needs and does not have. */
function missingFor(test) {
  for (let at = test; at; at = at.parent) if (at.meta().missing) return at.meta().missing;
  return 'something it does not say';
}
