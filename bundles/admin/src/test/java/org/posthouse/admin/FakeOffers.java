// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.posthouse.admin.spi.OfferException;
import org.posthouse.admin.spi.OfferException.Kind;
import org.posthouse.admin.spi.Offers;
import org.posthouse.api.operator.Page;
import org.posthouse.api.operator.Table;

/** The group {@code user} with {@code add} and {@code list}, and its page. */
public final class FakeOffers implements Offers {
    private final List<String> diary = new ArrayList<>();

    /** What was run, one line each. */
    public synchronized List<String> diary() {
        return List.copyOf(diary);
    }

    @Override
    public List<Offer> commands() {
        return List.of(
                new Offer("user", "add", "Adds a <user>.", true, FakeCommand.ADD, "auth-file"),
                new Offer("user", "list", "The users.", false, List.of(), "auth-file"));
    }

    @Override
    public List<Tab> tabs() {
        return List.of(new Tab("user", "Users <all>", "auth-file"));
    }

    @Override
    public synchronized Table run(String group, String name, Map<String, List<String>> given, String who)
            throws OfferException {
        diary.add(group + " " + name + " " + new TreeMap<>(given) + " by " + who);
        String address = given.getOrDefault("address", List.of("")).getFirst();
        switch (address) {
            case "taken" -> throw new OfferException(Kind.REFUSED, "There is a <taken> already");
            case "broken" -> throw new OfferException(Kind.FAILED, "The command failed");
            case "slow" -> throw new OfferException(Kind.OVERDUE, "The command did not answer");
            default -> {
                if (name.equals("add") && address.isEmpty()) {
                    throw new OfferException(Kind.ARGUMENTS, "The command needs 'address'");
                }
            }
        }
        return switch (name) {
            case "add" -> Table.says(address + " was <added>.");
            case "list" -> users();
            default -> throw new OfferException(Kind.UNKNOWN, "No plugin offers the command " + group + " " + name);
        };
    }

    @Override
    public void onChange(Runnable watcher) {}

    @Override
    public void noMore(Runnable watcher) {}

    private static Table users() {
        return new Table(
                "2 users",
                List.of("ADDRESS", "STATE"),
                List.of(List.of("alice@example.org", "enabled"), List.of("<b>bob</b>@example.org", "disabled")));
    }

    @Override
    public List<Page.Section> show(String group) throws OfferException {
        if (!group.equals("user")) {
            throw new OfferException(Kind.UNKNOWN, "No plugin offers a page for " + group);
        }
        return List.of(new Page.Section("Users <all>", users()), new Page.Section("File", Table.says("users.db")));
    }
}
