/** One of the files of a source. */
export interface SourceFile {
  /** As it is called at the source. */
  name: string
  isRequired: boolean
}

/** What has to be uploaded of a source that is a few files. */
export interface UploadForm {
  /** The name of the folder that the files are in at the source. */
  folder: string
  files: SourceFile[]
  /** What the encryption key is called at the source. */
  key: string
}

/** Files beside a database that say nothing of other files: what is uploaded may come from anywhere. */
const UPLOADED_COMPANIONS = ['-wal']

/** The sources that can be uploaded, by the names that they have among all. */
export const uploads: Readonly<Record<string, UploadForm>> = {
  wuzapi: {
    folder: 'dbdata',
    files: ['users.db', 'main.db'].flatMap(databaseFiles),
    key: 'WUZAPI_GLOBAL_ENCRYPTION_KEY',
  },
}

/** A program that was killed leaves what it had written last beside its database. */
function databaseFiles(name: string): SourceFile[] {
  return [
    { name, isRequired: true },
    ...UPLOADED_COMPANIONS.map((ending) => ({ name: name + ending, isRequired: false })),
  ]
}
