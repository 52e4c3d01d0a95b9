export const intended: { route: string; case: string; reason: string }[] = []
