/** Whether a ship can lie at a berth: as long as it or longer, and deeper than it draws. */
export function fits(ship, berth) {
  return ship.length <= berth.length && ship.draught < berth.depth;
}

/** Gives each ship, in the order of arrival, the smallest berth that is free and fits; null where none is. */
export function assign(ships, berths) {
  const free = [...berths].sort((a, b) => a.length - b.length);
  return ships.map((ship) => {
    const index = free.findIndex((berth) => fits(ship, berth));
    return index === -1 ? null : free.splice(index, 1)[0].name;
  });
}
