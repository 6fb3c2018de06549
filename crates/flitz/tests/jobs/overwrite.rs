//! INSERT OVERWRITE: what is there goes when the new rows come, not before.

use expect_test::expect;

use crate::harness::Place;

const FILES: &str = "
SET 'execution.runtime-mode' = 'batch';
CREATE TABLE plain (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = 'DIR/plain', 'format' = 'csv');
CREATE TABLE parted (id INT, v STRING, d STRING) PARTITIONED BY (d)
WITH ('connector' = 'filesystem', 'path' = 'DIR/parted', 'format' = 'csv');
CREATE TABLE wrong (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = 'DIR/wrong.csv', 'format' = 'csv');
";

#[test]
fn new_rows_take_the_place_of_those_that_are_there() {
    let place = Place::new();
    let directory = place.path().display().to_string();
    let shown = |sql: &str| place.run(&(FILES.to_owned() + sql).replace("DIR", &directory)).succeeded().stdout;

    shown("INSERT INTO plain VALUES (1, 'a'); INSERT INTO plain VALUES (2, 'b');");
    let rows = shown("INSERT OVERWRITE plain SELECT id * 10, v FROM plain WHERE id > 1; SELECT * FROM plain;");
    expect![[r#"
        20	b
    "#]]
    .assert_eq(&rows);
    expect![""].assert_eq(&shown("INSERT OVERWRITE plain SELECT * FROM plain WHERE id > 100; SELECT * FROM plain;"));

    shown("INSERT INTO parted VALUES (1, 'a', 'x'), (2, 'b', 'y');");
    let rows = shown("INSERT OVERWRITE parted VALUES (3, 'c', 'x'); SELECT * FROM parted ORDER BY id;");
    expect![[r#"
        2	b	y
        3	c	x
    "#]]
    .assert_eq(&rows);
    // Without rows no partition is touched, not even the one that is named.
    let rows =
        shown("INSERT OVERWRITE parted PARTITION (d = 'y') SELECT * FROM plain; SELECT * FROM parted ORDER BY id;");
    expect![[r#"
        2	b	y
        3	c	x
    "#]]
    .assert_eq(&rows);
}

#[test]
fn a_job_that_fails_takes_nothing_away() {
    let place = Place::new();
    let directory = place.path().display().to_string();
    let script = |sql: &str| (FILES.to_owned() + sql).replace("DIR", &directory);
    place.write("wrong.csv", "1,a\nno number,b\n");
    place.run(&script("INSERT INTO plain VALUES (1, 'a');")).succeeded();
    place.run(&script("INSERT OVERWRITE plain SELECT * FROM wrong;")).failed(1);
    let rows = place.run(&script("SELECT * FROM plain;")).succeeded().stdout;
    expect![[r#"
        1	a
    "#]]
    .assert_eq(&rows);
}
