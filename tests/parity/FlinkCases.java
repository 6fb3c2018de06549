import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.*;
import java.nio.file.*;

/**
 * Runs statements in a local mini cluster, one per file argument's block separated by lines "-- next", and goes on after
 * a failure. After each block a line says how it ended: "DONE n" or "FAILED n kind: reason".
 */
public class FlinkCases {
  public static void main(String[] args) throws Exception {
    Configuration conf = new Configuration();
    conf.setString("parallelism.default", "1");
    conf.setString("table.dml-sync", "true");
    TableEnvironment t = TableEnvironment.create(
        EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(conf).build());
    String[] blocks = Files.readString(Path.of(args[0])).split("\n-- next\n");
    for (int i = 0; i < blocks.length; i++) {
      String kind = "refused";
      try {
        String block = blocks[i].trim();
        var set = java.util.regex.Pattern.compile("(?is)SET\\s+'([^']+)'\\s*=\\s*'([^']*)'").matcher(block);
        if (set.matches()) {
          t.getConfig().set(set.group(1), set.group(2));
        } else {
          TableResult r = t.executeSql(block);
          kind = "fails";
          if (r.getJobClient().isPresent()) r.await();
        }
        System.out.println("DONE " + i);
      } catch (Throwable e) {
        Throwable root = e;
        for (Throwable c = e; c != null; c = c.getCause()) {
          root = c;
          if (c.getClass().getName().contains("JobExecutionException")) kind = "fails";
        }
        System.out.println("FAILED " + i + " " + kind + ": " + String.valueOf(root.getMessage()).split("\n")[0]);
      }
      System.out.flush();
    }
    Runtime.getRuntime().halt(0);
  }
}
