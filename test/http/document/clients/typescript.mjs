import { ts } from '@ts-morph/common'

// biome-ignore lint/style/noDefaultExport: it stands for a package that has one.
export default ts
