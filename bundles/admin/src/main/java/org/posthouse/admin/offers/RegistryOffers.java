// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.offers;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.admin.spi.OfferException;
import org.posthouse.admin.spi.OfferException.Kind;
import org.posthouse.admin.spi.Offers;
import org.posthouse.api.Event;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.Page;
import org.posthouse.api.operator.Table;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The commands and pages that stand in the service registry. */
@Component(service = Offers.class)
public final class RegistryOffers implements Offers {
    private static final Duration COMMAND = Duration.ofSeconds(30);
    private static final Duration PAGE = Duration.ofSeconds(10);
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");
    private static final Logger LOG = LoggerFactory.getLogger(RegistryOffers.class);

    private final Shelf<Command, Offer> commands;
    private final Shelf<Page, Tab> pages;
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
    private final Duration commandLimit;
    private final EventSink events;

    @Activate
    public RegistryOffers(BundleContext context, @Reference EventSink events) {
        this(context, events, COMMAND);
    }

    RegistryOffers(BundleContext context, EventSink events, Duration commandLimit) {
        this.commands = new Shelf<>(context, Command.class, RegistryOffers::offer, () -> {});
        this.pages = new Shelf<>(context, Page.class, RegistryOffers::tab, this::tell);
        this.commandLimit = commandLimit;
        this.events = events;
        commands.open();
        pages.open();
    }

    @Deactivate
    void close() {
        commands.close();
        pages.close();
    }

    @Override
    public void onChange(Runnable watcher) {
        watchers.add(watcher);
    }

    @Override
    public void noMore(Runnable watcher) {
        watchers.remove(watcher);
    }

    private void tell() {
        watchers.forEach(Runnable::run);
    }

    private static Offer offer(Command command, String plugin) {
        Offer offer = new Offer(
                name(command.group()),
                name(command.name()),
                Objects.requireNonNull(command.help()),
                command.changes(),
                command.parameters(),
                plugin);
        Set<String> names = new HashSet<>();
        for (Command.Parameter parameter : offer.parameters()) {
            Objects.requireNonNull(parameter.kind());
            Objects.requireNonNull(parameter.help());
            if (!names.add(name(parameter.name()))) {
                throw new IllegalArgumentException("two parameters are called " + parameter.name());
            }
        }
        return offer;
    }

    private static Tab tab(Page page, String plugin) {
        return new Tab(name(page.group()), Objects.requireNonNull(page.title()), plugin);
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("a name is lower case with hyphens, not '" + text + "'");
        }
        return text;
    }

    @Override
    public List<Offer> commands() {
        Map<String, Offer> newest = new LinkedHashMap<>();
        commands.all().forEach(offer -> newest.putIfAbsent(offer.group() + " " + offer.name(), offer));
        return sorted(newest.values(), Comparator.comparing(Offer::group).thenComparing(Offer::name));
    }

    @Override
    public List<Tab> tabs() {
        Map<String, Tab> newest = new LinkedHashMap<>();
        pages.all().forEach(tab -> newest.putIfAbsent(tab.group(), tab));
        return sorted(newest.values(), Comparator.comparing(Tab::title).thenComparing(Tab::group));
    }

    private static <T> List<T> sorted(Collection<T> all, Comparator<T> order) {
        return all.stream().sorted(order).toList();
    }

    @Override
    public Table run(String group, String name, Map<String, List<String>> given, String who) throws OfferException {
        Offer offer = commands().stream()
                .filter(command ->
                        command.group().equals(group) && command.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new OfferException(Kind.UNKNOWN, unknown(group, name)));
        Arguments arguments = Form.check(offer, given);
        if (!offer.changes()) {
            return run(offer, arguments);
        }
        String result = "did not end";
        try {
            Table table = run(offer, arguments);
            result = "done";
            return table;
        } catch (OfferException e) {
            result = "not done: " + e.getMessage();
            throw e;
        } finally {
            audit(offer, Form.words(offer, given), who, result);
        }
    }

    private String unknown(String group, String name) {
        List<String> names = commands().stream()
                .filter(command -> command.group().equals(group))
                .map(Offer::name)
                .toList();
        return "No plugin offers the command " + group + " " + name
                + (names.isEmpty() ? "" : "; " + group + " has " + String.join(", ", names));
    }

    private Table run(Offer offer, Arguments arguments) throws OfferException {
        return commands.ask(
                        offer::equals,
                        "The command " + offer.group() + " " + offer.name() + " of " + offer.plugin(),
                        commandLimit,
                        command -> whole(command.run(arguments)))
                .orElseThrow(() -> new OfferException(Kind.UNKNOWN, "The command went away just now"));
    }

    private void audit(Offer offer, String words, String who, String result) {
        LOG.info("Command {} {} {} by {}: {}", offer.group(), offer.name(), words, who, result);
        events.publish(Event.of(Event.Type.ADMIN)
                .with("action", "command")
                .with("command", offer.group() + " " + offer.name())
                .with("arguments", words)
                .with("plugin", offer.plugin())
                .with("who", who)
                .with("result", result)
                .build());
    }

    @Override
    public List<Page.Section> show(String group) throws OfferException {
        return pages.ask(
                        tab -> tab.group().equals(group),
                        "The page of " + group,
                        PAGE,
                        page -> page.show().stream()
                                .map(section -> new Page.Section(
                                        Objects.requireNonNull(section.title()), whole(section.table())))
                                .toList())
                .orElseThrow(() -> new OfferException(Kind.UNKNOWN, "No plugin offers a page for " + group));
    }

    private static Table whole(Table table) {
        // Copied lists refuse nulls; the sentence is the only part that could be one.
        Objects.requireNonNull(table.note());
        return table;
    }
}
