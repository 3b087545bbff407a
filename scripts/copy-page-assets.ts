import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { COPIES, PACKAGE_FILES } from '../src/surfaces/documents/assets.ts';

/**
 * Copies what the pages of the documents load out of its packages, with their licences, so that a
 * built Openbell needs neither these packages nor the hundred that one of them depends on.
 */
const require = createRequire(import.meta.url);
mkdirSync(COPIES, { recursive: true });
for (const [name, file] of Object.entries(PACKAGE_FILES)) {
  copyFileSync(require.resolve(file), join(COPIES, name));
}
for (const name of new Set(Object.values(PACKAGE_FILES).map((file) => file.split('/')[0]))) {
  const root = dirname(require.resolve(`${name}/package.json`));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  copyFileSync(join(root, 'LICENSE'), join(COPIES, `${name}-${version}.LICENSE.txt`));
}
