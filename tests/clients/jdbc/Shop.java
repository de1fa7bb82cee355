// PostgreSQL's JDBC driver against Holdfast, one case a run:   java … Shop PORT CASE [PASSWORD]
// Prints "ok", or ends with the exception that says what was not as a user expects it.
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.postgresql.PGConnection;
import org.postgresql.PGResultSetMetaData;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyManager;
import org.postgresql.ds.PGPoolingDataSource;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLException;

class Shop {
  static int port;

  interface Work {
    void run() throws Exception;
  }

  static Connection connect(String options) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/holdfast?user=holdfast" + options);
  }

  static void equal(Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      throw new AssertionError("expected " + expected + ", got " + actual);
    }
  }

  // The driver's own error class, with this SQLSTATE.
  static PSQLException fails(String state, Work work) throws Exception {
    try {
      work.run();
    } catch (PSQLException error) {
      equal(state, error.getSQLState());
      return error;
    }
    throw new AssertionError("expected SQLSTATE " + state + ", got none");
  }

  // The columns of the first row, as the driver's own choice of classes.
  static List<Object> row(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      List<Object> out = new ArrayList<>();
      if (!rows.next()) return out;
      for (int column = 1; column <= rows.getMetaData().getColumnCount(); ++column) {
        out.add(rows.getObject(column));
      }
      return out;
    }
  }

  static List<Object> row(Connection shop, String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = shop.prepareStatement(sql)) {
      for (int index = 0; index < parameters.length; ++index) {
        statement.setObject(index + 1, parameters[index]);
      }
      return row(statement);
    }
  }

  static void stockUp(Connection shop, String sku, int units) throws SQLException {
    equal(List.of("done"), row(shop, "SELECT outcome FROM define_item(?)", sku));
    equal(List.of("done"), row(shop, "SELECT outcome FROM receive(?, ?)", sku, units));
  }

  static List<Object> level(Connection shop, String sku) throws SQLException {
    return row(shop, "SELECT available, held, committed FROM stock WHERE sku = ?", sku);
  }

  static void login(String password) throws Exception {
    String right = "&password=" + URLEncoder.encode(password, StandardCharsets.UTF_8);
    try (Connection shop = connect(right)) {
      equal(List.of("holdfast"), row(shop, "SELECT current_user"));
    }
    fails("28P01", () -> connect("&password=wrong").close());
  }

  static void types() throws Exception {
    try (Connection shop = connect("")) {
      stockUp(shop, "J-1", 10);
      try (PreparedStatement claim = shop.prepareStatement(
          "SELECT granted, outcome, claim_id, expires_at, available, lines, message "
          + "FROM claim(?, ?, hold_for => ?)")) {
        claim.setString(1, "J-1");
        claim.setInt(2, 3);
        claim.setString(3, "10 minutes");
        try (ResultSet rows = claim.executeQuery()) {
          ResultSetMetaData columns = rows.getMetaData();
          String[] names = {"bool", "text", "uuid", "timestamptz", "int8", "jsonb", "text"};
          for (int index = 0; index < names.length; ++index) {
            equal(names[index], columns.getColumnTypeName(index + 1));
          }
          equal("claim_id", columns.getColumnLabel(3));
          equal(Types.BIGINT, columns.getColumnType(5));
          equal(true, rows.next());
          equal(true, rows.getObject("granted"));
          equal("granted", rows.getString("outcome"));
          equal(UUID.class, rows.getObject("claim_id").getClass());
          equal(7L, rows.getObject("available"));
          equal(7, rows.getInt("available"));
          OffsetDateTime end = rows.getObject("expires_at", OffsetDateTime.class);
          equal(ZoneOffset.UTC, end.getOffset());
          equal(end.toInstant(), rows.getTimestamp("expires_at").toInstant());
          equal(true, Duration.between(Instant.now(), end).compareTo(Duration.ofMinutes(11)) < 0);
          equal("jsonb", ((PGobject) rows.getObject("lines")).getType());
          equal(true, rows.getString("lines").startsWith("[{"));
          equal(null, rows.getString("message"));
          equal(false, rows.next());

          // What came out goes in again: the claim by its uuid.
          UUID id = laterClaim(shop, end);
          equal(List.of("J-1", 1L), row(shop, "SELECT reference, held FROM claims "
              + "WHERE claim_id = ?", id));
        }
      }
      // A refusal is a row.
      equal(List.of(false, "short_of_stock", 6L), row(shop,
          "SELECT granted, outcome, available FROM claim(?, ?)", "J-1", 8));
      equal(List.of(), level(shop, "nowhere"));
    }
  }

  // A claim under an id of one's own, which ends later than the other.
  static UUID laterClaim(Connection shop, OffsetDateTime other) throws SQLException {
    UUID id = UUID.randomUUID();
    equal(List.of(id), row(shop, "SELECT claim_id FROM claim(?, 1, hold_for => '1 hour', "
        + "reference => ?, claim_id => ?)", "J-1", "J-1", id));
    try (PreparedStatement look =
        shop.prepareStatement("SELECT expires_at FROM claims WHERE claim_id = ?")) {
      look.setObject(1, id);
      try (ResultSet rows = look.executeQuery()) {
        equal(true, rows.next());
        equal(true, rows.getObject(1, OffsetDateTime.class).isAfter(other));
      }
    }
    return id;
  }

  static void parameters() throws Exception {
    try (Connection shop = connect("")) {
      stockUp(shop, "J-2", 100);
      try (PreparedStatement claim = shop.prepareStatement("SELECT available FROM claim(sku => ?, "
          + "quantity => ?, partial => ?, customer => ?, occurred_at => ?, reference => ?)")) {
        claim.setString(1, "J-2");
        claim.setString(4, null);
        claim.setNull(6, Types.VARCHAR);
        OffsetDateTime when = OffsetDateTime.parse("2026-01-02T03:04:05.678901+02:00");
        long left = 100;
        for (Work set : new Work[] {
            () -> { claim.setShort(2, (short) 1); claim.setBoolean(3, true);
                    claim.setObject(5, when); },
            () -> { claim.setInt(2, 1); claim.setObject(3, false);
                    claim.setTimestamp(5, Timestamp.from(when.toInstant())); },
            () -> { claim.setLong(2, 1L); claim.setNull(3, Types.BOOLEAN);
                    claim.setNull(5, Types.TIMESTAMP_WITH_TIMEZONE); },
            () -> { claim.setObject(2, 1); claim.setObject(3, "yes", Types.OTHER);
                    claim.setObject(5, "2026-01-02T03:04:05Z", Types.OTHER); },
            () -> { claim.setString(2, "1"); claim.setString(3, "off");
                    claim.setString(5, "2026-01-02 03:04:05+00"); }}) {
          set.run();
          equal(List.of(--left), row(claim));
        }
        // Units are whole: what could be a fraction is refused by its type, and nothing happens.
        claim.setBigDecimal(2, BigDecimal.ONE);
        fails("0A000", () -> row(claim));
        claim.setDouble(2, 1.0);
        fails("0A000", () -> row(claim));
        claim.setInt(2, 1);
        equal(List.of(--left), row(claim));
      }
      PGobject lines = new PGobject();
      lines.setType("jsonb");
      lines.setValue("[{\"sku\": \"J-2\", \"quantity\": 5}]");
      equal(List.of("granted", 89L), row(shop,
          "SELECT outcome, available FROM claim(lines => ?)", lines));
      equal(List.of("granted", 84L), row(shop,
          "SELECT outcome, available FROM claim(lines => ?)", lines.getValue()));
      equal(List.of("J-2", 84L), row(shop,
          "SELECT sku, available FROM stock WHERE sku IN (?, ?) LIMIT ?", "none", "J-2", 7));
      // The names of a cart in one parameter.
      String any = "SELECT sku FROM stock WHERE sku = ANY(?)";
      equal(List.of("J-2"), row(shop, any, "{none,J-2}"));
      for (String type : new String[] {"text", "varchar"}) {
        Object array = shop.createArrayOf(type, new String[] {"none", "J-2", null});
        equal(List.of("J-2"), row(shop, any, array));
      }
      UUID claimed = UUID.randomUUID();
      equal(List.of("granted"), row(shop,
          "SELECT outcome FROM claim('J-2', 1, claim_id => ?)", claimed));
      Object ids = shop.createArrayOf("uuid", new UUID[] {UUID.randomUUID(), claimed});
      equal(List.of(1L), row(shop,
          "SELECT committed FROM claims WHERE claim_id = ANY(?)", ids));
      Object numbers = shop.createArrayOf("int8", new Long[] {1L});
      fails("42883", () -> row(shop, any, numbers));
      equal(List.of("done"), row(shop, "SELECT outcome FROM define_item('J-2', barcodes => ?)",
          shop.createArrayOf("text", new String[] {"1", "a \"b\""})));
      equal(List.of("[\"1\", \"a \\\"b\\\"\"]"), row(shop,
          "SELECT barcodes FROM items WHERE sku = 'J-2'").stream()
          .map(Object::toString).toList());
      equal(List.of(7, 8L, "x", true), row(shop, "SELECT ?, ?, ?, ?", 7, 8L, "x", true));
    }
  }

  // After five executions the driver names the statement, and from then on asks for binary.
  static void prepared() throws Exception {
    try (Connection shop = connect("")) {
      stockUp(shop, "J-3", 20);
      try (PreparedStatement claim = shop.prepareStatement(
          "SELECT granted, claim_id, expires_at, available, lines, outcome "
          + "FROM claim(?, ?, hold_for => '1 hour')")) {
        boolean wasText = false, wasBinary = false;
        for (int round = 1; round <= 12; ++round) {
          claim.setString(1, "J-3");
          claim.setLong(2, 2);
          try (ResultSet rows = claim.executeQuery()) {
            equal(true, rows.next());
            boolean binary =
                ((PGResultSetMetaData) rows.getMetaData()).getFormat(4) == 1;
            wasText |= !binary;
            wasBinary |= binary;
            boolean granted = round <= 10;
            equal(granted, rows.getBoolean(1));
            equal(granted ? 20L - 2 * round : 0L, rows.getObject(4));
            equal(granted ? "granted" : "short_of_stock", rows.getString(6));
            if (granted) {
              UUID id = (UUID) rows.getObject(2);
              OffsetDateTime end = rows.getObject(3, OffsetDateTime.class);
              Object kept;
              try (PreparedStatement look = shop.prepareStatement(
                  "SELECT expires_at FROM claims WHERE claim_id = ?")) {
                look.setObject(1, id);
                try (ResultSet found = look.executeQuery()) {
                  equal(true, found.next());
                  kept = found.getObject(1, OffsetDateTime.class);
                }
              }
              equal(end, kept);
              equal(true, rows.getString(5).startsWith("[{"));
            } else {
              equal(null, rows.getObject(3));
            }
          }
        }
        equal(true, wasText);
        equal(true, wasBinary);
        equal(true, ((PGStatement) claim).isUseServerPrepare());
        // Another type for a parameter of a named statement: the driver prepares anew.
        claim.setObject(2, "2", Types.OTHER);
        equal("short_of_stock", row(claim).get(5));
      }
      // What named statements rest on goes: the driver is told 26000 and recovers in autocommit.
      try (PreparedStatement one = shop.prepareStatement("SELECT available FROM stock "
          + "WHERE sku = ?")) {
        one.setString(1, "J-3");
        for (int round = 0; round < 7; ++round) equal(List.of(0L), row(one));
        try (Statement reset = shop.createStatement()) {
          reset.execute("DEALLOCATE ALL");
        }
        equal(List.of(0L), row(one));
      }
    }
    // Simple queries only, and binary from the first execution on.
    for (String options : new String[] {"&preferQueryMode=simple", "&prepareThreshold=-1",
        "&prepareThreshold=1", "&preferQueryMode=extendedCacheEverything"}) {
      try (Connection shop = connect(options)) {
        for (int round = 0; round < 3; ++round) {
          equal(List.of("J-3", 0L, 20L), row(shop,
              "SELECT sku, available, held FROM stock WHERE sku = ?", "J-3"));
        }
      }
    }
  }

  static void errors() throws Exception {
    try (Connection shop = connect("")) {
      stockUp(shop, "J-4", 1);
      PSQLException syntax = fails("42601", () -> row(shop, "SELECT * FORM stock"));
      equal(10, syntax.getServerErrorMessage().getPosition());
      fails("42P01", () -> row(shop, "SELECT * FROM nonsense"));
      fails("42703", () -> row(shop, "SELECT nonsense FROM stock WHERE sku = 'J-4'"));
      fails("22023", () -> row(shop, "SELECT * FROM claim(?, ?)", "J-4", 0));
      fails("22P02", () -> row(shop, "SELECT * FROM claim(?, ?)", "J-4", "one"));
      fails("42804", () -> row(shop, "SELECT * FROM claim(?, ?)", "J-4", true));
      fails("0A000", () -> row(shop, "SELECT now()"));
      equal(List.of(1), row(shop, "SELECT 1"));
      equal(List.of(1L, 0L, 0L), level(shop, "J-4"));
    }
  }

  static void transactions() throws Exception {
    try (Connection shop = connect(""); Connection other = connect("")) {
      stockUp(other, "J-5", 5);
      shop.setAutoCommit(false);
      equal(Connection.TRANSACTION_READ_COMMITTED, shop.getTransactionIsolation());

      // Committed, rolled back; the claim of a block is held until then.
      equal(List.of(true), row(shop, "SELECT granted FROM claim(?, ?)", "J-5", 2));
      equal(List.of(3L, 2L, 0L), level(other, "J-5"));
      equal(List.of("contended"), row(other, "SELECT outcome FROM claim('J-5', 5)"));
      shop.commit();
      equal(List.of(3L, 0L, 2L), level(other, "J-5"));
      equal(List.of("short_of_stock"), row(other, "SELECT outcome FROM claim('J-5', 5)"));
      row(shop, "SELECT granted FROM claim(?, ?)", "J-5", 2);
      shop.rollback();
      equal(List.of(3L, 0L, 2L), level(other, "J-5"));

      // Savepoints, also across an error.
      row(shop, "SELECT granted FROM claim('J-5', 1)");
      Savepoint before = shop.setSavepoint("before");
      row(shop, "SELECT granted FROM claim('J-5', 1)");
      fails("22023", () -> row(shop, "SELECT granted FROM claim('J-5', 0)"));
      fails("25P02", () -> row(shop, "SELECT 1"));
      shop.rollback(before);
      Savepoint kept = shop.setSavepoint();
      shop.releaseSavepoint(kept);
      shop.commit();
      equal(List.of(2L, 0L, 3L), level(other, "J-5"));

      // What a block rests on has changed: 40001 at COMMIT, and nothing is done.
      UUID id = (UUID) row(other, "SELECT claim_id FROM claim('J-5', 1, hold_for => '1 hour')")
          .get(0);
      equal(List.of("done"), row(shop, "SELECT outcome FROM confirm(?)", id));
      equal(List.of("done"), row(other, "SELECT outcome FROM release(?)", id));
      fails("40001", shop::commit);
      equal(List.of(2L, 0L, 3L), level(other, "J-5"));

      shop.setReadOnly(true);
      fails("25006", () -> row(shop, "SELECT granted FROM claim('J-5', 1)"));
      shop.rollback();
      shop.setReadOnly(false);
      shop.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      equal(Connection.TRANSACTION_SERIALIZABLE, shop.getTransactionIsolation());
      equal(List.of(2L, 0L, 3L), level(shop, "J-5"));
      equal(List.of("done"), row(shop, "SELECT outcome FROM receive('J-5', 1)"));
      equal(List.of("done"), row(other, "SELECT outcome FROM receive('J-5', 1)"));
      fails("40001", shop::commit);
      equal(List.of("done"), row(shop, "SELECT outcome FROM sale('J-5', 1)"));
      shop.commit();
      shop.setAutoCommit(true);
      equal(List.of(true), row(shop, "SELECT granted FROM claim('J-5', 1)"));
      equal(List.of(1L, 0L, 4L), level(other, "J-5"));
    }
    // The driver's own savepoint before each statement.
    try (Connection shop = connect("&autosave=always")) {
      shop.setAutoCommit(false);
      row(shop, "SELECT granted FROM claim('J-5', 1)");
      fails("42P01", () -> row(shop, "SELECT * FROM nonsense"));
      shop.commit();
      equal(List.of(0L, 0L, 5L), level(shop, "J-5"));
    }
  }

  // Several statements in one go: what the driver has instead of a batch of SELECTs.
  static void pipelines() throws Exception {
    try (Connection shop = connect("")) {
      stockUp(shop, "J-6", 3);
      String one = "SELECT granted FROM claim(?, 1)";
      try (PreparedStatement claims =
          shop.prepareStatement(String.join("; ", one, one, one, one))) {
        for (int index = 1; index <= 4; ++index) claims.setString(index, "J-6");
        List<Boolean> granted = new ArrayList<>();
        for (boolean more = claims.execute(); more; more = claims.getMoreResults()) {
          try (ResultSet rows = claims.getResultSet()) {
            while (rows.next()) granted.add(rows.getBoolean(1));
          }
        }
        equal(List.of(true, true, true, false), granted);
      }
      // One Sync: all or none.
      fails("22023", () -> row(shop,
          "SELECT outcome FROM receive(?, 9); SELECT granted FROM claim('J-6', 0)", "J-6"));
      equal(List.of(0L, 0L, 3L), level(shop, "J-6"));
      // executeBatch drops the rows of a SELECT, so it is no way to claim: a refusal goes unseen.
      row(shop, "SELECT outcome FROM receive('J-6', 1)");
      try (PreparedStatement batch = shop.prepareStatement(one)) {
        for (int round = 0; round < 2; ++round) {
          batch.setString(1, "J-6");
          batch.addBatch();
        }
        int[] counts = batch.executeBatch();
        equal(2, counts.length);
        equal(counts[0], counts[1]);
      }
      equal(List.of(0L, 0L, 4L), level(shop, "J-6"));
    }
  }

  // Rows in portions: a named portal in a block.
  static void portions() throws Exception {
    try (Connection shop = connect("")) {
      stockUp(shop, "J-7", 1);
      for (int index = 0; index < 7; ++index) {
        row(shop, "SELECT * FROM define_location(?)", "J-" + index);
        row(shop, "SELECT * FROM receive('J-7', ?, ?)", index + 1, "J-" + index);
      }
      shop.setAutoCommit(false);
      try (PreparedStatement look =
          shop.prepareStatement("SELECT location, on_hand FROM stock WHERE sku = ?")) {
        look.setFetchSize(3);
        look.setString(1, "J-7");
        for (int round = 0; round < 7; ++round) {
          long rows = 0, units = 0;
          try (ResultSet found = look.executeQuery()) {
            while (found.next()) {
              ++rows;
              units += found.getLong(2);
            }
          }
          equal(8L, rows);
          equal(29L, units);
        }
      }
      shop.commit();
    }
  }

  @SuppressWarnings("deprecation")
  static void pool() throws Exception {
    try (Connection shop = connect("")) {
      stockUp(shop, "J-8", 50);
    }
    PGPoolingDataSource source = new PGPoolingDataSource();
    source.setDataSourceName("shop");
    source.setUrl("jdbc:postgresql://127.0.0.1:" + port + "/holdfast");
    source.setUser("holdfast");
    source.setMaxConnections(4);
    ExecutorService buyers = Executors.newFixedThreadPool(12);
    List<Future<Integer>> all = new ArrayList<>();
    for (int buyer = 0; buyer < 12; ++buyer) {
      all.add(buyers.submit(() -> {
        int granted = 0;
        for (int round = 0; round < 10; ++round) {
          try (Connection shop = source.getConnection()) {
            equal(true, shop.isValid(60));
            if ((boolean) row(shop, "SELECT granted FROM claim(?, ?)", "J-8", 1).get(0)) ++granted;
          }
        }
        return granted;
      }));
    }
    int sold = 0;
    for (Future<Integer> buyer : all) sold += buyer.get();
    buyers.shutdown();
    source.close();
    equal(50, sold);
    try (Connection shop = connect("")) {
      equal(List.of(0L, 0L, 50L), level(shop, "J-8"));
    }
  }

  // Behind a pooler that gives each transaction another connection: no named statements.
  static void pooled() throws Exception {
    try (Connection shop = connect("&prepareThreshold=0")) {
      stockUp(shop, "J-P", 20);
      for (int round = 1; round <= 10; ++round) {
        equal(List.of(20L - round),
            row(shop, "SELECT available FROM claim(?, ?)", "J-P", 1));
      }
      shop.setAutoCommit(false);
      for (int round = 1; round <= 10; ++round) {
        equal(List.of(true), row(shop, "SELECT granted FROM claim(?, ?)", "J-P", 1));
        equal(List.of(9L - (round - 1) / 2, 0L, 11L + (round - 1) / 2), level(shop, "J-P"));
        if (round % 2 == 0) shop.commit(); else shop.rollback();
      }
      shop.setAutoCommit(true);
      equal(List.of(5L, 0L, 15L), level(shop, "J-P"));
    }
  }

  static void session() throws Exception {
    try (Connection shop = connect("&ApplicationName=till&options=-c%20statement_timeout=5000")) {
      equal(true, shop.isValid(60));
      equal("till", shop.getClientInfo("ApplicationName"));
      shop.setClientInfo("ApplicationName", "till 2");
      equal(List.of("till 2"), row(shop, "SHOW application_name"));
      equal(List.of("5s"), row(shop, "SHOW statement_timeout"));
      equal("holdfast", shop.getCatalog());
      equal("public", shop.getSchema());
      shop.setSchema("public");
      equal("PostgreSQL", shop.getMetaData().getDatabaseProductName());
      equal(15, shop.getMetaData().getDatabaseMajorVersion());
      equal("holdfast", shop.getMetaData().getUserName());
      equal(true, shop.unwrap(PGConnection.class).getBackendPID() > 0);
      // The catalogue is not there yet, and says so.
      fails("0A000", () -> shop.getMetaData().getTables(null, null, "%", null));
    }
    // Times are the same whatever the machine's zone, which the driver sends.
    java.util.TimeZone.setDefault(java.util.TimeZone.getTimeZone("America/New_York"));
    try (Connection shop = connect("")) {
      equal(List.of("America/New_York"), row(shop, "SHOW TimeZone"));
      stockUp(shop, "J-9", 1);
      try (PreparedStatement claim = shop.prepareStatement(
          "SELECT expires_at FROM claim('J-9', 1, hold_for => '1 hour')");
          ResultSet rows = claim.executeQuery()) {
        equal(true, rows.next());
        equal(rows.getTimestamp(1).toInstant(),
            rows.getObject(1, OffsetDateTime.class).toInstant());
        equal(true, rows.getTimestamp(1).toInstant().isAfter(Instant.now()));
      }
    }
  }

  static void copies() throws Exception {
    try (Connection shop = connect("")) {
      stockUp(shop, "J-9", 3);
      CopyManager copies = shop.unwrap(PGConnection.class).getCopyAPI();
      StringWriter text = new StringWriter();
      equal(1L, copies.copyOut(
          "COPY (SELECT sku, on_hand FROM stock WHERE sku = 'J-9') TO STDOUT (FORMAT csv, HEADER)",
          text));
      equal("sku,on_hand\nJ-9,3\n", text.toString());
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      equal(1L, copies.copyOut("COPY stock (sku, on_hand) TO STDOUT", bytes));
      equal("J-9\t3\n", bytes.toString(StandardCharsets.UTF_8));
      fails("0A000", () -> copies.copyOut("COPY availability TO STDOUT", bytes));
      equal(1L, copies.copyIn("COPY items (sku) FROM STDIN", new StringReader("J-10\n")));
    }
  }

  public static void main(String[] arguments) throws Exception {
    port = Integer.parseInt(arguments[0]);
    switch (arguments[1]) {
      case "login" -> login(arguments[2]);
      case "types" -> types();
      case "parameters" -> parameters();
      case "prepared" -> prepared();
      case "errors" -> errors();
      case "transactions" -> transactions();
      case "pipelines" -> pipelines();
      case "portions" -> portions();
      case "copies" -> copies();
      case "pool" -> pool();
      case "pooled" -> pooled();
      case "session" -> session();
      default -> throw new IllegalArgumentException(arguments[1]);
    }
    System.out.println("ok");
  }
}
