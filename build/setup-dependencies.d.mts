interface LockedPackage {
  version?: string;
  optional?: boolean;
  link?: boolean;
}

export function missingPackages(
  lock: { packages: Record<string, LockedPackage> },
  installed: { packages?: Record<string, LockedPackage> } | null,
): string[];
export function setUpDependencies(): Promise<void>;
export function setUpNode(): Promise<string>;
