// Makes one file of each entry of a package, after tsc has compiled it: a program that imports a package then opens one
// file instead of hundreds. Run in the package's folder: node ../../tools/bundle.mjs index [ENTRY …]
import { relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const [src, build] = [resolve('src'), resolve('build')];
const compiled = (path) => path.replace(src, build).replace(/\.ts$/, '.js');

/** The entries are sources, since the bundles take the place of what tsc made of them; all that they name is compiled. */
const fromCompiled = {
  name: 'from-compiled',
  resolveId(specifier, importer) {
    if (!importer?.startsWith(src) || !specifier.startsWith('.')) return null;
    return compiled(resolve(importer, '..', specifier));
  },
};

/** What a module finds beside itself must not depend on where its code now lies. */
const ownPlaces = {
  name: 'own-places',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return null;
    const place = JSON.stringify(`./${relative(build, id)}`);
    return { code: code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`), map: null };
  },
};

const entries = Object.fromEntries(process.argv.slice(2).map((name) => [name, resolve(src, `${name}.ts`)]));
const bundle = await rolldown({
  input: entries,
  platform: 'node',
  external: /^[^./]/,
  treeshake: false,
  plugins: [fromCompiled, ownPlaces],
});
await bundle.write({ dir: build, format: 'esm', sourcemap: true, keepNames: true, chunkFileNames: 'shared-[name].js' });
