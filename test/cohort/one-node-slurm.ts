import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const path = [process.env['PATH'], '/usr/sbin', '/sbin'].join(delimiter);

/** What a Slurm here would need; false if it is there. */
export function missingForSlurm(): string | false {
  const missing = ['munged', 'slurmctld', 'slurmd', 'sbatch'].filter(
    (tool) => spawnSync('sh', ['-c', `command -v ${tool}`], { env: { PATH: path } }).status !== 0,
  );
  return missing.length > 0 && `${missing.join(', ')} (Debian: slurm-wlm munge)`;
}

/** A real Slurm of one node, everything of it in one folder: munge, slurmctld and slurmd as this user. */
export class OneNodeSlurm {
  readonly #daemons: ChildProcess[] = [];

  private constructor(readonly env: NodeJS.ProcessEnv) {}

  /** @param cpus that the node claims to have, whatever the machine has */
  static async start(folder: string, cpus: number): Promise<OneNodeSlurm> {
    const [ctld, slurmd] = [await freePort(), await freePort()];
    const socket = join(folder, 'munge.socket');
    const node = hostname().split('.')[0]!;
    const user = userInfo().username;
    const conf = {
      ClusterName: 'test',
      SlurmctldHost: `${node}(127.0.0.1)`,
      SlurmUser: user,
      SlurmdUser: user,
      AuthType: 'auth/munge',
      // Jobs that are requeued wait until their credential has expired.
      AuthInfo: `socket=${socket},cred_expire=5`,
      SlurmctldPort: ctld,
      SlurmdPort: slurmd,
      StateSaveLocation: join(folder, 'state'),
      SlurmdSpoolDir: join(folder, 'spool'),
      SlurmctldPidFile: join(folder, 'slurmctld.pid'),
      SlurmdPidFile: join(folder, 'slurmd.pid'),
      ProctrackType: 'proctrack/pgid',
      TaskPlugin: 'task/none',
      SelectType: 'select/cons_tres',
      SelectTypeParameters: 'CR_CPU',
      SchedulerParameters: 'sched_interval=1,batch_sched_delay=0',
      SlurmdParameters: 'config_overrides',
      MpiDefault: 'none',
      ReturnToService: 2,
      KillWait: 5,
    };
    const lines = [
      ...Object.entries(conf).map(([name, value]) => `${name}=${value}`),
      `NodeName=${node} NodeAddr=127.0.0.1 CPUs=${cpus} RealMemory=100000 State=UNKNOWN`,
      `PartitionName=test Nodes=${node} Default=YES MaxTime=INFINITE State=UP`,
    ];
    for (const name of ['state', 'spool']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'slurm.conf'), `${lines.join('\n')}\n`);
    await writeFile(join(folder, 'munge.key'), randomBytes(1024), { mode: 0o400 });

    const slurm = new OneNodeSlurm({ ...process.env, PATH: path, SLURM_CONF: join(folder, 'slurm.conf') });
    const munge = ['key-file', 'seed-file', 'log-file', 'pid-file', 'socket'].map(
      (name) =>
        `--${name}=${join(folder, name === 'socket' ? 'munge.socket' : `munge.${name.split('-')[0]}`)}`,
    );
    slurm.#daemon('munged', '--foreground', '--force', ...munge);
    await until('munge answers', async () => (await slurm.call('munge', '-n', `--socket=${socket}`)) !== '');
    slurm.#daemon('slurmctld', '-D', '-L', join(folder, 'slurmctld.log'));
    slurm.#daemon('slurmd', '-D', '-L', join(folder, 'slurmd.log'));
    await until('the node is idle', async () =>
      (await slurm.call('sinfo', '-h', '-o', '%T')).includes('idle'),
    );
    return slurm;
  }

  /** What a command of Slurm prints. */
  async call(command: string, ...args: string[]): Promise<string> {
    return (await run(command, args, { env: this.env })).stdout.trim();
  }

  async stop(): Promise<void> {
    for (const daemon of this.#daemons.reverse()) {
      const ended = new Promise((resolve) => daemon.on('exit', resolve));
      if (daemon.exitCode === null && daemon.kill('SIGTERM')) await Promise.race([ended, delay(5000)]);
      if (daemon.exitCode === null) daemon.kill('SIGKILL');
    }
  }

  #daemon(command: string, ...args: string[]): void {
    this.#daemons.push(spawn(command, args, { env: this.env, stdio: 'ignore' }));
  }
}

/** Waits until something holds; failures to ask count as no. */
export async function until(what: string, holds: () => Promise<boolean>, seconds = 60): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await delay(100);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
