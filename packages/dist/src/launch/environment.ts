/** What one process of a run is for: computing gradients, or keeping parameters for those who do. */
export type Role = 'worker' | 'server';

/** Where the ranks of a run on this machine stand, and how they find and trust each other. */
export interface LocalWorld {
  readonly workers: number;
  readonly servers: number;
  readonly port: number;
  readonly token: string;
}

/** The variables of one rank: torchrun's names, and ours for the run's token and the role. Servers come after the workers. */
export function rankEnvironment(rank: number, { workers, servers, port, token }: LocalWorld): Record<string, string> {
  const size = String(workers + servers);
  const role: Role = rank < workers ? 'worker' : 'server';
  return {
    RANK: String(rank),
    LOCAL_RANK: String(rank),
    WORLD_SIZE: size,
    LOCAL_WORLD_SIZE: size,
    MASTER_ADDR: '127.0.0.1',
    MASTER_PORT: String(port),
    GRADWIRE_TOKEN: token,
    GRADWIRE_ROLE: role,
  };
}
