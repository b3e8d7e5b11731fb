// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What docs/kubernetes.md tells people to apply fits together. */
class KubernetesPageTest {
    private static final Path PAGE = Path.of("../../docs/kubernetes.md");
    private static final Pattern BLOCK = Pattern.compile("(?s)```yaml\n(.*?)\n```");

    private static final Map<String, Object> OBJECTS = new LinkedHashMap<>();

    private static Yaml yaml() {
        LoaderOptions strict = new LoaderOptions();
        strict.setAllowDuplicateKeys(false);
        return new Yaml(new SafeConstructor(strict));
    }

    @BeforeAll
    static void read() throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(PAGE));
        assertTrue(block.find(), "no YAML in " + PAGE);
        for (Object object : yaml().loadAll(block.group(1))) {
            OBJECTS.put(at(object, "kind") + " " + at(object, "metadata", "name"), object);
        }
    }

    /** What lies at the end of these keys; numbers count in lists. */
    private static Object at(Object from, Object... path) {
        Object now = from;
        for (Object key : path) {
            Object next = now instanceof List<?> list ? list.get((Integer) key) : ((Map<?, ?>) now).get(key);
            assertTrue(next != null, "no " + key + " in " + now);
            now = next;
        }
        return now;
    }

    private static Object object(String name, Object... path) {
        return at(at(OBJECTS, name), path);
    }

    private static Object pod(Object... path) {
        return at(object("StatefulSet posthouse", "spec", "template", "spec"), path);
    }

    @Test
    void membersAreThePodsByTheNamesOfTheHeadlessService() {
        assertEquals("posthouse", object("StatefulSet posthouse", "spec", "serviceName"));
        assertEquals("None", object("Service posthouse", "spec", "clusterIP"));
        assertEquals(true, object("Service posthouse", "spec", "publishNotReadyAddresses"));
        Object ours = yaml().load((String) object("ConfigMap posthouse", "data", "posthouse.yaml"));
        int replicas = (Integer) object("StatefulSet posthouse", "spec", "replicas");
        Map<String, String> expected = new LinkedHashMap<>();
        IntStream.range(0, replicas).forEach(i -> expected.put("posthouse-" + i, "posthouse-" + i + ".posthouse:5701"));
        assertEquals(expected, at(ours, "cluster", "members"));
        assertEquals("${env:POD_NAME}", at(ours, "cluster", "self"));
        assertEquals("POD_NAME", pod("containers", 0, "env", 0, "name"));
        assertEquals("metadata.name", pod("containers", 0, "env", 0, "valueFrom", "fieldRef", "fieldPath"));
        assertEquals("Parallel", object("StatefulSet posthouse", "spec", "podManagementPolicy"));
    }

    @Test
    void whatIsSelectedIsThere() {
        Object labels = object("StatefulSet posthouse", "spec", "template", "metadata", "labels");
        assertEquals(labels, object("StatefulSet posthouse", "spec", "selector", "matchLabels"));
        assertEquals(labels, object("Service posthouse", "spec", "selector"));
        assertEquals(labels, object("Service posthouse-smtp", "spec", "selector"));
        assertEquals(labels, object("PodDisruptionBudget posthouse", "spec", "selector", "matchLabels"));
        assertEquals(labels, object("NetworkPolicy posthouse", "spec", "podSelector", "matchLabels"));
        assertEquals(
                labels,
                object("NetworkPolicy posthouse", "spec", "ingress", 1, "from", 0, "podSelector", "matchLabels"));
    }

    @Test
    void whatIsMountedIsThereAndNamedInOurConfiguration() {
        Map<Object, Object> mounts = new LinkedHashMap<>();
        ((List<?>) pod("containers", 0, "volumeMounts")).forEach(m -> mounts.put(at(m, "name"), at(m, "mountPath")));
        List<Object> volumes = new ArrayList<>();
        ((List<?>) pod("volumes")).forEach(v -> volumes.add(at(v, "name")));
        volumes.add(object("StatefulSet posthouse", "spec", "volumeClaimTemplates", 0, "metadata", "name"));
        assertTrue(volumes.containsAll(mounts.keySet()), mounts + " of " + volumes);
        assertEquals("posthouse", pod("volumes", 0, "configMap", "name"));
        assertEquals("posthouse-cluster", pod("volumes", 1, "secret", "secretName"));
        Object ours = yaml().load((String) object("ConfigMap posthouse", "data", "posthouse.yaml"));
        assertEquals(mounts.get("data"), at(ours, "server", "dataDir"));
        object("Secret posthouse-cluster", "stringData", "key");
        assertEquals(List.of(mounts.get("cluster-key") + "/key"), at(ours, "cluster", "keys"));
        assertEquals(
                List.of("serve", "--config-dir", String.valueOf(mounts.get("config"))), pod("containers", 0, "args"));
    }

    @Test
    void probesAskThePortOfTheMetrics() {
        Map<Object, Object> ports = new LinkedHashMap<>();
        ((List<?>) pod("containers", 0, "ports")).forEach(p -> ports.put(at(p, "name"), at(p, "containerPort")));
        Object ours = yaml().load((String) object("ConfigMap posthouse", "data", "posthouse.yaml"));
        assertEquals("*:" + ports.get("metrics"), at(ours, "metrics", "address"));
        assertEquals("*:" + ports.get("smtp"), at(ours, "smtp", "feeder", "address"));
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            Object ask = pod("containers", 0, probe, "httpGet");
            assertEquals("metrics", at(ask, "port"));
            assertEquals(probe.equals("readinessProbe") ? "/ready" : "/health", at(ask, "path"));
        }
        assertTrue((Integer) pod("terminationGracePeriodSeconds") > 30, "longer than server.shutdownTimeout");
    }
}
