/** Reports whether a ship fits a berth: the berth is long enough and deep enough. */
export function fits(ship, berth) {
  return ship.length <= berth.length && ship.draught < berth.depth;
}

/** Assigns each ship, in order of arrival, the smallest free berth that fits, or null. */
export function assign(ships, berths) {
  const free = [...berths].sort((a, b) => a.length - b.length);
  return ships.map((ship) => {
    const index = free.findIndex((berth) => fits(ship, berth));
    return index === -1 ? null : free.splice(index, 1)[0].name;
  });
}
