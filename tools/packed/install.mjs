import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Packs each package into `folder`; returns the path of the tarball by package name. */
export function pack(packages, folder) {
  return new Map(
    packages.map((one) => {
      const [{ filename }] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], one.folder));
      return [one.manifest.name, join(folder, filename)];
    }),
  );
}

/** Makes `folder` a project of its own that depends on the tarballs, and installs it; returns `folder`. */
export function install(tarballs, folder) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs], folder);
  return folder;
}

function npm(args, cwd) {
  return execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    env: outerEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The environment without what an enclosing `npm run` adds, which would point npm back to this repository. */
function outerEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD)/.test(name)));
}
