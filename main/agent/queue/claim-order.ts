/** All priorities by name: the index is then searched once for each, and tasks that are not due yet cost nothing. */
export const PRIORITIES = '1, 2, 3, 4, 5, 6, 7, 8, 9, 10';
