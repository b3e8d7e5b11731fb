// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.Servlet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.admin.spi.Offers;

/** Keeps one tab in the console for each page that a plugin offers, as they come and go. */
@Component(service = Tabs.class, immediate = true)
public final class Tabs {
    private static final int LONGEST_TITLE = 40;

    private final BundleContext context;
    private final Offers offers;
    private final Runnable watcher = this::wake;
    private final Map<String, Shown> shown = new HashMap<>();
    private boolean stale;
    private boolean closed;
    private @Nullable Thread worker;

    /** A tab that is registered. */
    private record Shown(Offers.Tab tab, ServiceRegistration<Servlet> registration) {}

    @Activate
    public Tabs(BundleContext context, @Reference Offers offers) {
        this.context = context;
        this.offers = offers;
        offers.onChange(watcher);
        wake();
    }

    @Deactivate
    void close() {
        offers.noMore(watcher);
        synchronized (this) {
            closed = true;
            shown.values().forEach(tab -> tab.registration().unregister());
            shown.clear();
        }
    }

    /** Pages are asked for their titles, which a plugin may take its time for: never on the thread that registers one. */
    private synchronized void wake() {
        stale = true;
        if (worker == null && !closed) {
            worker = Thread.ofVirtual().name("console-tabs").start(this::work);
        }
    }

    private void work() {
        while (more()) {
            Map<String, Offers.Tab> wanted =
                    offers.tabs().stream().collect(Collectors.toMap(Offers.Tab::group, tab -> tab));
            show(wanted);
        }
    }

    private synchronized boolean more() {
        boolean more = stale && !closed;
        stale = false;
        if (!more) {
            worker = null;
        }
        return more;
    }

    private synchronized void show(Map<String, Offers.Tab> wanted) {
        if (closed) {
            return;
        }
        shown.values().removeIf(old -> {
            boolean gone = !old.tab().equals(wanted.get(old.tab().group()));
            if (gone) {
                old.registration().unregister();
            }
            return gone;
        });
        wanted.forEach((group, tab) -> shown.computeIfAbsent(group, g -> new Shown(tab, register(tab))));
    }

    private ServiceRegistration<Servlet> register(Offers.Tab tab) {
        Map<String, Object> properties = Map.of(
                ServletConstants.PLUGIN_LABEL,
                TabPage.PREFIX + tab.group(),
                ServletConstants.PLUGIN_TITLE,
                title(tab),
                ServletConstants.PLUGIN_CATEGORY,
                "Posthouse",
                ServletConstants.PLUGIN_CSS_REFERENCES,
                "/" + QueuePage.LABEL + "/res/posthouse.css");
        return context.registerService(
                Servlet.class, new TabPage(tab.group(), offers), FrameworkUtil.asDictionary(properties));
    }

    /** The console writes titles into its menu as they are. */
    private static String title(Offers.Tab tab) {
        String plain = tab.title().replaceAll("[^\\p{L}\\p{N} ._()-]", "").strip();
        return plain.isEmpty() ? tab.group() : plain.substring(0, Math.min(LONGEST_TITLE, plain.length()));
    }
}
