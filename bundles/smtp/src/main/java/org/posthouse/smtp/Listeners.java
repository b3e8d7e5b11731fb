// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.telemetry.spi.HealthSource;

/** Which of the configured listeners are open: mail may be sent here only when all of them are. */
@Component(service = {Listeners.class, HealthSource.class})
public final class Listeners implements HealthSource {
    private static final String OPEN = "";

    private final Configured configured;

    /** Why each listener that was tried is not open; empty for one that is. */
    private final Map<String, String> troubles = new ConcurrentHashMap<>();

    /** Tells the names of the configured listeners. */
    @FunctionalInterface
    interface Configured {
        Set<String> names() throws IOException;
    }

    @Activate
    public Listeners(@Reference ConfigurationAdmin configurations) {
        this(() -> names(configurations));
    }

    Listeners(Configured configured) {
        this.configured = configured;
    }

    private static Set<String> names(ConfigurationAdmin configurations) throws IOException {
        try {
            Configuration[] found = configurations.listConfigurations("(service.factoryPid=smtp)");
            Set<String> names = new TreeSet<>();
            for (Configuration one : found == null ? new Configuration[0] : found) {
                names.add(name(one.getPid()));
            }
            return names;
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("A filter of ours is none", e);
        }
    }

    /** The name behind {@code smtp~}. */
    static String name(String pid) {
        return pid.substring(pid.indexOf('~') + 1);
    }

    void opened(String name) {
        troubles.put(name, OPEN);
    }

    void failed(String name, String why) {
        troubles.put(name, why);
    }

    void closed(String name) {
        troubles.remove(name);
    }

    @Override
    public String name() {
        return "listeners";
    }

    @Override
    public Health health() {
        Set<String> names;
        try {
            names = configured.names();
        } catch (IOException e) {
            return new Health(true, false, "The configured listeners can not be told: " + e.getMessage());
        }
        if (names.isEmpty()) {
            return new Health(true, false, "No listener is configured");
        }
        for (String name : names) {
            String trouble = troubles.getOrDefault(name, "Listener " + name + " is not open");
            if (!trouble.equals(OPEN)) {
                return new Health(true, false, trouble);
            }
        }
        return Health.GOOD;
    }
}
