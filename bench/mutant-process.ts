// Runs mutants one after the other, as bench/mutants.ts asks for them. Its argument is the folder for files.
import { Subjects, type Kind } from './mutant-subjects.js';

process.on('disconnect', () => process.exit(1)); // never outlives the benchmark
const subjects = await Subjects.open(process.argv[2]!);
process.on('message', ({ kind, seed }: { kind: Kind; seed: number }) => {
  void subjects.run(kind, seed).then((outcome) => process.send!(outcome));
});
process.send!('ready');
