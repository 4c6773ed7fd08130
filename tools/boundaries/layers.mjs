import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../packages.mjs';

const MAY_IMPORT = {
  'layer:tensor': [],
  'layer:nn': ['layer:tensor'],
  'layer:data': ['layer:tensor'],
  'layer:dist': ['layer:tensor'],
  'layer:cli': ['layer:tensor', 'layer:nn', 'layer:data', 'layer:dist'],
  'layer:app': ['layer:tensor', 'layer:nn', 'layer:data', 'layer:dist', 'layer:cli'],
};

/** Imports between projects, of any kind and in any of their files, that the table of layers does not allow. */
export function layerViolations() {
  const { nodes, dependencies } = projectGraph();
  const layerOf = (name) => nodes[name]?.data.tags?.find((tag) => tag.startsWith('layer:'));
  const untagged = Object.keys(nodes).filter((name) => nodes[name].data.root !== '.' && !(layerOf(name) in MAY_IMPORT));
  const forbidden = Object.values(dependencies)
    .flat()
    .map(({ source, target }) => ({ source, target, from: layerOf(source), to: layerOf(target) }))
    .filter(({ from, to }) => from && to && !MAY_IMPORT[from]?.includes(to));
  return [
    ...untagged.map((name) => `${name} has no known layer tag in its package.json`),
    ...forbidden.map(({ source, target, from, to }) => `${source} (${from}) must not import ${target} (${to})`),
  ];
}

function projectGraph() {
  const folder = mkdtempSync(join(tmpdir(), 'gradwire-graph-'));
  try {
    const file = join(folder, 'graph.json');
    const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
    execFileSync(process.execPath, [nx, 'graph', `--file=${file}`], {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return JSON.parse(readFileSync(file, 'utf8')).graph;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
