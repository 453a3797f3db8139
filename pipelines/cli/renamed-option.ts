import { InvalidArgumentError, Option } from 'commander';

/** Returns an option of earlier versions that is refused. The error names the option that took its place. */
export function renamed(flags: string, successor: string): Option {
  return new Option(flags).hideHelp().argParser(() => {
    throw new InvalidArgumentError(`The option is called ${successor} now.`);
  });
}
