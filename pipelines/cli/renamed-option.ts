import { InvalidArgumentError, Option } from 'commander';

/** Refuses an option of earlier versions, naming the one that took its place. */
export function renamed(flags: string, successor: string): Option {
  return new Option(flags).hideHelp().argParser(() => {
    throw new InvalidArgumentError(`The option is called ${successor} now.`);
  });
}
