// Prints the events of each feed that is named as a list in JSON, as libical reads them.
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static char *read_all(const char *name) {
	FILE *in = fopen(name, "rb");
	if (in == NULL) {
		perror(name);
		exit(1);
	}
	size_t size = 0, room = 1 << 16;
	char *text = malloc(room);
	while (text != NULL) {
		size += fread(text + size, 1, room - size - 1, in);
		if (size < room - 1)
			break;
		room *= 2;
		text = realloc(text, room);
	}
	if (text == NULL || ferror(in)) {
		fprintf(stderr, "reading the feed failed\n");
		exit(1);
	}
	fclose(in);
	text[size] = '\0';
	return text;
}

static void print_string(const char *s) {
	putchar('"');
	for (; s != NULL && *s != '\0'; s++) {
		if (*s == '"' || *s == '\\' || (unsigned char)*s < ' ')
			printf("\\u%04x", *s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void print_time(struct icaltimetype at) {
	printf("\"%04d-%02d-%02d", at.year, at.month, at.day);
	if (!at.is_date)
		printf("T%02d:%02d:%02d%s", at.hour, at.minute, at.second, icaltime_is_utc(at) ? "Z" : "");
	putchar('"');
}

static void print_categories(icalcomponent *event) {
	const char *between = "";
	icalproperty *p = icalcomponent_get_first_property(event, ICAL_CATEGORIES_PROPERTY);
	putchar('[');
	for (; p != NULL; p = icalcomponent_get_next_property(event, ICAL_CATEGORIES_PROPERTY)) {
		fputs(between, stdout);
		print_string(icalproperty_get_categories(p));
		between = ",";
	}
	putchar(']');
}

static void print_event(icalcomponent *event) {
	icalproperty *url = icalcomponent_get_first_property(event, ICAL_URL_PROPERTY);
	printf("{\"uid\":");
	print_string(icalcomponent_get_uid(event));
	printf(",\"summary\":");
	print_string(icalcomponent_get_summary(event));
	printf(",\"description\":");
	print_string(icalcomponent_get_description(event));
	printf(",\"start\":");
	print_time(icalcomponent_get_dtstart(event));
	printf(",\"end\":");
	print_time(icalcomponent_get_dtend(event));
	printf(",\"status\":");
	print_string(icalproperty_status_to_string(icalcomponent_get_status(event)));
	printf(",\"url\":");
	print_string(url == NULL ? "" : icalproperty_get_url(url));
	printf(",\"categories\":");
	print_categories(event);
	printf(",\"sequence\":%d,\"alarms\":%d}", icalcomponent_get_sequence(event),
	       icalcomponent_count_components(event, ICAL_VALARM_COMPONENT));
}

static int print_feed(const char *name) {
	const char *between = "";
	char *text = read_all(name);
	icalcomponent *calendar = icalparser_parse_string(text);
	if (calendar == NULL || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT) {
		fprintf(stderr, "%s: no calendar: %s\n", name, icalerror_strerror(icalerrno));
		return 1;
	}
	if (icalcomponent_count_errors(calendar) != 0) {
		fprintf(stderr, "%s: %d errors:\n%s", name, icalcomponent_count_errors(calendar), icalcomponent_as_ical_string(calendar));
		return 1;
	}
	putchar('[');
	icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	for (; event != NULL; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
		fputs(between, stdout);
		print_event(event);
		between = ",\n";
	}
	puts("]");
	icalcomponent_free(calendar);
	free(text);
	return 0;
}

int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++)
		if (print_feed(argv[i]) != 0)
			return 1;
	return 0;
}
