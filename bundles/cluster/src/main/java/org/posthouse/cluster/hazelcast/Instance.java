// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import com.hazelcast.config.Config;
import com.hazelcast.config.ExecutorConfig;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.TcpIpConfig;
import java.util.Map;
import java.util.function.Consumer;

/** How Hazelcast is set: the members as configured, nothing found by itself, nothing told to others, short times. */
final class Instance {
    /** The executor by which parcels are handed over. */
    static final String EXECUTOR = "posthouse";

    /** The attribute by which members say who they are. */
    static final String MEMBER = "posthouse.member";

    private static final Map<String, String> PROPERTIES = Map.ofEntries(
            Map.entry("hazelcast.logging.type", "slf4j"),
            Map.entry("hazelcast.phone.home.enabled", "false"),
            Map.entry("hazelcast.shutdownhook.enabled", "false"),
            Map.entry("hazelcast.health.monitoring.level", "OFF"),
            Map.entry("hazelcast.slow.operation.detector.enabled", "false"),
            Map.entry("hazelcast.heartbeat.interval.seconds", "1"),
            Map.entry("hazelcast.max.no.heartbeat.seconds", "8"),
            Map.entry("hazelcast.mastership.claim.timeout.seconds", "8"),
            Map.entry("hazelcast.operation.call.timeout.millis", "5000"),
            // Whoever sent it sends the next parcel after two seconds: a minute of tries would only keep octets in
            // memory.
            Map.entry("hazelcast.invocation.max.retry.count", "8"),
            Map.entry("hazelcast.merge.first.run.delay.seconds", "5"),
            Map.entry("hazelcast.merge.next.run.delay.seconds", "5"),
            Map.entry("hazelcast.partial.member.disconnection.resolution.heartbeat.count", "3"),
            // Else the first member waits 5 s for others before it begins.
            Map.entry("hazelcast.wait.seconds.before.join", "0"),
            Map.entry("hazelcast.max.wait.seconds.before.join", "0"),
            Map.entry("hazelcast.socket.connect.timeout.seconds", "5"),
            Map.entry("hazelcast.graceful.shutdown.max.wait", "5"),
            // What it carries waits for nobody: few threads are enough.
            Map.entry("hazelcast.operation.thread.count", "2"),
            Map.entry("hazelcast.operation.generic.thread.count", "2"),
            Map.entry("hazelcast.operation.response.thread.count", "1"),
            Map.entry("hazelcast.io.thread.count", "1"),
            Map.entry("hazelcast.event.thread.count", "1"));

    private Instance() {}

    /** The configuration of a member with an address; octets that arrive are given to the receiver. */
    static Config config(Place place, Consumer<byte[]> receiver) {
        Config config = new Config();
        config.setClusterName(place.cluster());
        config.setClassLoader(Instance.class.getClassLoader());
        PROPERTIES.forEach(config::setProperty);
        config.setProperty(
                "hazelcast.socket.bind.any", Boolean.toString(place.bind().any()));
        config.setProperty(
                "hazelcast.prefer.ipv4.stack", Boolean.toString(!place.bind().v6()));
        config.getMetricsConfig().setEnabled(false);
        config.getJetConfig().setEnabled(false);
        config.getMemberAttributeConfig().setAttribute(MEMBER, place.member());
        config.getUserContext().put(ParcelTask.RECEIVER, receiver);
        network(config.getNetworkConfig(), place);
        // Octets of ours by a factory of ours: no class of ours is found by a name that somebody sends.
        config.getSerializationConfig()
                .addDataSerializableFactory(ParcelTask.FACTORY, id -> id == ParcelTask.CLASS ? new ParcelTask() : null)
                .setJavaSerializationFilterConfig(filter());
        config.addExecutorConfig(
                new ExecutorConfig(EXECUTOR, 1).setQueueCapacity(256).setStatisticsEnabled(false));
        return config;
    }

    private static void network(NetworkConfig network, Place place) {
        network.setPort(place.bind().port()).setPortAutoIncrement(false);
        network.setPublicAddress(place.address().toString());
        if (!place.bind().any()) {
            network.getInterfaces().setEnabled(true).addInterface(place.bind().host());
        }
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        TcpIpConfig members = new NamedMembers(place.others(), place.finder());
        join.setTcpIpConfig(members.setEnabled(true).setConnectionTimeoutSeconds(3));
    }

    private static JavaSerializationFilterConfig filter() {
        JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig();
        filter.setDefaultsDisabled(true);
        // Hazelcast sends its own exceptions by Java's serialization, and decides by them what to try again.
        filter.getWhitelist()
                .addPrefixes("com.hazelcast.", "java.lang.", "java.util.concurrent.", "java.util.Collections$")
                .addPrefixes("[Ljava.lang.")
                .addClasses("java.util.ArrayList", "java.io.IOException", "java.net.ConnectException");
        return filter;
    }
}
