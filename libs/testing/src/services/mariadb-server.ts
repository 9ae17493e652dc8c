import { globSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { mavenFolder } from './maven.ts'
import { probe, type RunningServer, runToEnd, startServerProcess } from './server-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

/**
 * Starts MariaDB with an empty database `lightflus` and a user of the same name and password, who may do everything.
 * It reads no option file of the machine, and speaks TCP only.
 * @param host address to listen on
 */
export async function startMariadb({ host = '127.0.0.1' }: { readonly host?: string } = {}): Promise<RunningServer> {
  const library = await mavenFolder('mariadb')
  const [executable] = globSync('**/bin/mariadbd', { cwd: library })
  if (executable === undefined) throw new Error('The MariaDB package holds no mariadbd: set MYSQL_URL')
  const base = join(library, executable, '..', '..')
  await Promise.all(globSync(join(base, '{bin,scripts}', '*')).map((file) => chmod(file, 0o755)))
  const folder = temporaryFolder('mariadb')
  const data = join(folder.path, 'data')
  const logFile = join(folder.path, 'mariadb.log')
  const common = ['--no-defaults', `--user=${userInfo().username}`, `--basedir=${base}`, `--datadir=${data}`]
  try {
    await runToEnd({
      name: 'Preparing the folder of MariaDB',
      command: join(base, 'scripts', 'mariadb-install-db'),
      args: [...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
      logFile,
    })
    const port = await freePort()
    const initFile = join(folder.path, 'init.sql')
    await writeFile(initFile, initStatements)
    const { stop } = await startServerProcess({
      name: 'MariaDB',
      command: join(base, 'bin', 'mariadbd'),
      args: [
        ...[...common, `--init-file=${initFile}`, `--socket=${join(folder.path, 'socket')}`],
        ...[`--bind-address=${host}`, `--port=${port}`, '--skip-name-resolve', '--max-connections=200'],
        // durability across a crash of the machine is of no use to a test
        ...['--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=64M', '--innodb-log-file-size=16M'],
      ],
      logFile,
      answers: () => probe({ host, port }, greets),
    })
    return {
      address: `mysql://lightflus:lightflus@${host}:${port}/lightflus`,
      stop: () => stop().then(() => folder.remove()),
    }
  } catch (thrown) {
    await folder.remove()
    throw thrown
  }
}

/** A server that lets clients in speaks first: a packet that begins with the protocol's version, 10. */
function greets(received: Buffer): boolean | undefined {
  return received.length < 5 ? undefined : received[4] === 10
}

const initStatements = `
CREATE DATABASE lightflus CHARACTER SET utf8mb4;
CREATE USER 'lightflus'@'%' IDENTIFIED BY 'lightflus';
GRANT ALL PRIVILEGES ON *.* TO 'lightflus'@'%' WITH GRANT OPTION;
`
