import { optional, setting } from './setting.ts'
import { integer, nodeAddress, nodeId, workers } from './values.ts'

/** The settings of several nodes on one PostgreSQL database. */
export const clusterSettings = {
  workers: setting(
    ['WORKERS'],
    1,
    'processes on this machine that share the port and the sessions, each a node of its own; `auto` is one per core. PostgreSQL only',
    workers,
  ),
  nodeId: optional(
    ['NODE_ID'],
    'name of this node among those that share a PostgreSQL database; another one on every node',
    nodeId,
    'generated, kept in `DATA_DIR/node-id`',
  ),
  nodePort: setting(
    ['NODE_PORT'],
    0,
    'port for the other nodes, PostgreSQL only; 0 takes a free one, and workers count up from it',
    integer(0, 65_535),
  ),
  nodeAddress: optional(
    ['NODE_ADDRESS'],
    'where the other nodes reach that port, such as `http://10.0.0.5:8081`',
    nodeAddress,
    "this machine's first address",
  ),
}
