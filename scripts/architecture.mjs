import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import { projectRoot } from './launch.mjs'
import { writePart } from './written-part.mjs'

// Draws the rooms of `src` into docs/architecture.md from their imports; with --check it only says whether that is needed.
const PAGE = 'docs/architecture.md'
const COMMAND = 'npm run architecture'

/** They know every room, or every room knows them: their arrows would hide all others. */
const NOT_DRAWN = ['main.ts', 'app', 'lib']
/** Rooms that have a picture of their own. */
const LARGE = ['whatsapp', 'http']

const imports = await importsOfProgram()
writePart(PAGE, picture('rooms', arrowsBetween(imports, 'src', NOT_DRAWN)))
for (const room of LARGE) writePart(PAGE, picture(`rooms of ${room}`, arrowsBetween(imports, `src/${room}`)))

/**
 * Which file imports which, as `[from, to]`, of the compiled program: dependency-cruiser cannot read TypeScript with the
 * compiler this project uses, and what is imported for its types alone is gone.
 */
async function importsOfProgram() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-architecture-'))
  try {
    compileInto(folder)
    const { output } = await cruise(['src'], { baseDir: folder, includeOnly: '^src/', parser: 'acorn' })
    return output.modules.flatMap(({ source, dependencies }) =>
      dependencies.map(({ resolved }) => [source, resolved].map((path) => path.replace(/\.js$/, '.ts'))),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function compileInto(folder) {
  const settings = join(folder, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    noCheck: true,
    allowJs: true,
    rootDir: projectRoot,
    outDir: folder,
  }
  const include = [join(projectRoot, 'src')]
  const types = { typeRoots: [join(projectRoot, 'node_modules', '@types')] }
  writeFileSync(
    settings,
    JSON.stringify({
      extends: join(projectRoot, 'tsconfig.json'),
      compilerOptions: { ...compilerOptions, ...types },
      include,
    }),
  )
  const compiler = join('node_modules', 'typescript', 'bin', 'tsc')
  execFileSync(process.execPath, [compiler, '-p', settings], { cwd: projectRoot, stdio: 'inherit' })
}

/** Who imports whom among what is directly in a folder, without what is left out. */
function arrowsBetween(imports, folder, except = []) {
  const roomOf = (path) => (path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split('/')[0] : '')
  const isDrawn = (room) => room !== '' && !except.includes(room)
  const arrows = new Map()
  for (const [from, to] of imports.map((pair) => pair.map(roomOf)))
    if (from !== to && isDrawn(from) && isDrawn(to)) arrows.set(`${from} ${to}`, [from, to])
  return [...arrows.values()].sort()
}

function picture(name, arrows) {
  if (arrows.length === 0) throw new Error(`nothing to draw for the ${name}`)
  const lines = arrows.map(([from, to]) => `  ${box(from)} --> ${box(to)}`)
  const text = ['```mermaid', 'flowchart TD', ...lines, '```'].join('\n')
  return { name, command: COMMAND, source: 'src', text }
}

/** Mermaid takes a name with a dot for a label only. */
function box(room) {
  return room.includes('.') ? `${room.replaceAll('.', '_')}["${room}"]` : room
}
