-- The same with an approximate distinct count: constant memory per window whatever the number of users.
-- APPROX_COUNT_DISTINCT in streaming is an addition of Flitz; Flink takes COUNT(DISTINCT user_id) here.
INSERT INTO analytics_results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)),
  CAST(window_end AS TIMESTAMP_LTZ(3)),
  APPROX_COUNT_DISTINCT(user_id),
  COUNT(*),
  SUM(total_amount),
  AVG(total_amount),
  CURRENT_TIMESTAMP
FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(created_at), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end;
