import { createDeliveryList } from '../delivery-list.js'

export const deliveriesSection = {
  name: 'deliveries',
  title: 'Deliveries',
  needs: 'parley/deliveries',
  open: ({ id, admin, onUnknownToken }) => createDeliveryList({ admin, user: id, onUnknownToken }),
}
