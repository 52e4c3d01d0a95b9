import { setting } from './setting.ts'
import { integer, nodeAddress, nodeId, workers } from './values.ts'

/** The settings of several nodes on one PostgreSQL database. */
export const clusterSettings = {
  workers: setting(['WORKERS'], workers.default(1), {
    help: 'processes on this machine that share the port and the sessions, each a node of its own; `auto` is one per core. PostgreSQL only',
  }),
  nodeId: setting(['NODE_ID'], nodeId.optional(), {
    help: 'name of this node among those that share a PostgreSQL database; another one on every node',
    shownDefault: 'generated, kept in `DATA_DIR/node-id`',
  }),
  nodePort: setting(['NODE_PORT'], integer(0, 65_535).default(0), {
    help: 'port for the other nodes, PostgreSQL only; 0 takes a free one, and workers count up from it',
  }),
  nodeAddress: setting(['NODE_ADDRESS'], nodeAddress.optional(), {
    help: 'where the other nodes reach that port, such as `http://10.0.0.5:8081`',
    shownDefault: "this machine's first address",
  }),
}
