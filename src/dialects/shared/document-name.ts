import { type FileInput, nameOfUpload } from '../../lib/file-input.ts'

interface NamedDocument {
  Document: FileInput
  FileName: string
}

/** What the recipient sees: the name that is given, else that of the upload; '' without either. */
export function documentName({ Document, FileName }: NamedDocument): string {
  return FileName || nameOfUpload(Document)
}

/** Whether a document has a name. */
export function isNamed(body: NamedDocument): boolean {
  return documentName(body) !== ''
}
