// Whose space a page or a worker is in, for the floors above: they name locks by it. It must not know who that is.

export { enterSpace } from '../db/access'
export { spaceHere } from '../db/space'
