import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Prints the values of a topic that readers of committed data see: partition, tab, value. It waits for open transactions. */
public class ReadCommitted {
    public static void main(String[] args) {
        try {
            read(args);
        } catch (RuntimeException thrown) {
            // What starts a program from its source hides those of Kafka, which have no stack trace.
            System.err.println(thrown);
            System.exit(1);
        }
    }

    private static void read(String[] args) {
        var deserializer = "org.apache.kafka.common.serialization.StringDeserializer";
        var all = Map.<String, Object>of(
            "bootstrap.servers", args[0], "key.deserializer", deserializer, "value.deserializer", deserializer);
        var partitions = IntStream.range(0, Integer.parseInt(args[2])).mapToObj(n -> new TopicPartition(args[1], n)).toList();
        Map<TopicPartition, Long> ends;
        try (var reader = new KafkaConsumer<String, String>(all)) {
            // Where everybody's records end, open transactions included.
            ends = reader.endOffsets(partitions);
        }
        var committed = new HashMap<>(all);
        committed.put("isolation.level", "read_committed");
        try (var reader = new KafkaConsumer<String, String>(committed)) {
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            while (partitions.stream().anyMatch(one -> reader.position(one) < ends.get(one)))
                for (var record : reader.poll(Duration.ofMillis(200)))
                    System.out.println(record.partition() + "\t" + record.value());
        }
    }
}
