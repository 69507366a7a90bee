/** Ports that web sites are served on; any other has to be named by the host. */
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443, 8080, 8443]);

/**
 * Ports of services that a web request could be mistaken by, which nobody can allow: the bad ports of the Fetch
 * standard (section "Port blocking"), and data stores and remote consoles that the standard leaves out.
 */
const NEVER_PORTS: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 138, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530,
  531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
  5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
  // SQL Server, Oracle, Docker, MySQL, remote desktop, PostgreSQL, VNC, Redis, memcached, MongoDB
  1433, 1521, 2375, 2376, 3306, 3389, 5432, 5900, 6379, 11211, 27017,
]);

/** Whether pages may use the port without anybody's leave. */
export function isWebPort(port: number): boolean {
  return WEB_PORTS.has(port);
}

/** Whether no page may ever use the port, whatever is allowed. */
export function isNeverPort(port: number): boolean {
  return port < 1 || port > 65_535 || NEVER_PORTS.has(port);
}
