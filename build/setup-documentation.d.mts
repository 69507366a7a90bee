export const DOCUMENTATION: Readonly<Record<'sqlite3-doc' | 'git-doc', string>>;
export const DOCUMENTATION_COMMAND: string;
export function hasDocumentation(folder: string): boolean;
export function canInstallDocumentation(): boolean;
export function setUpDocumentation(): Promise<void>;
