//! The exact Wasserstein-1 distance of two equally large sets of points, by optimal assignment.

/// The assignment of rows to columns of least total cost: for each row its column. `cost` is square, finite.
///
/// Shortest augmenting paths with potentials (Jonker and Volgenant, 1987), cubic in the number of rows.
///
/// ```
/// use bench_methods::def_aaf::equations::transport::assign;
/// assert_eq!(assign(&[vec![4.0, 1.0, 3.0], vec![2.0, 0.0, 5.0], vec![3.0, 2.0, 2.0]]), [1, 0, 2]);
/// ```
pub fn assign(cost: &[Vec<f64>]) -> Vec<usize> {
    let size = cost.len();
    // Column `size` is a stand-in that holds the row being placed.
    let mut row_of: Vec<Option<usize>> = vec![None; size + 1];
    let (mut of_rows, mut of_columns) = (vec![0.0; size], vec![0.0; size + 1]);
    for row in 0..size {
        row_of[size] = Some(row);
        let mut least = vec![f64::INFINITY; size];
        let mut before = vec![size; size];
        let mut visited = vec![false; size + 1];
        let mut column = size;
        while let Some(row) = row_of[column] {
            visited[column] = true;
            let (mut delta, mut next) = (f64::INFINITY, size);
            for other in (0..size).filter(|&other| !visited[other]) {
                let reduced = cost[row][other] - of_rows[row] - of_columns[other];
                if reduced < least[other] {
                    (least[other], before[other]) = (reduced, column);
                }
                if least[other] < delta {
                    (delta, next) = (least[other], other);
                }
            }
            if next == size {
                break;
            }
            for other in 0..=size {
                if visited[other] {
                    of_columns[other] -= delta;
                    row_of[other].into_iter().for_each(|row| of_rows[row] += delta);
                } else {
                    least[other] -= delta;
                }
            }
            column = next;
        }
        while column != size {
            row_of[column] = row_of[before[column]];
            column = before[column];
        }
    }
    let mut columns = vec![0; size];
    row_of.iter().take(size).enumerate().for_each(|(column, row)| row.iter().for_each(|&row| columns[row] = column));
    columns
}
